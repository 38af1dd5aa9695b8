import { and, eq, type SQL } from "drizzle-orm";
import type { Backup, BackupList } from "#schema/contracts/backups.ts";
import { backups } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { BackupStatus } from "#schema/domain/states.ts";
import type { Call, Ctx } from "../../context.ts";
import { cursorOf, newestFirst, PAGE_SIZE } from "../newest-first.ts";
import type { BackupRow } from "./orders.ts";
import { viewBackup } from "./view-backup.ts";

export interface BackupFilter {
  boxId?: string | undefined;
  customerId?: string | undefined;
  status?: BackupStatus | undefined;
  cursor?: string | undefined;
}

const { order, after } = newestFirst(backups);

/** Newest first. */
export async function listBackups({ ctx, input }: Call<BackupFilter>): Promise<BackupList> {
  const rows = await ctx.db
    .select()
    .from(backups)
    .where(and(...conditions(input)))
    .orderBy(...order)
    .limit(PAGE_SIZE + 1);
  const page = rows.slice(0, PAGE_SIZE);
  const last = page.at(-1);
  return { backups: page.map(viewBackup), next_cursor: rows.length > PAGE_SIZE && last ? cursorOf(last) : null };
}

/** Throws `not_found`. */
export async function getBackup({ ctx, input }: Call<{ backupId: string }>): Promise<Backup> {
  return viewBackup(await loadBackup(ctx, input.backupId));
}

/** Throws `not_found`. */
export async function loadBackup(ctx: Ctx, backupId: string): Promise<BackupRow> {
  const [row] = await ctx.db.select().from(backups).where(eq(backups.id, backupId));
  if (!row) throw new AppError("not_found", "There is no such backup");
  return row;
}

function conditions(filter: BackupFilter): SQL[] {
  return [
    filter.boxId && eq(backups.boxId, filter.boxId),
    filter.customerId && eq(backups.customerId, filter.customerId),
    filter.status && eq(backups.status, filter.status),
    filter.cursor && after(filter.cursor),
  ].filter((condition) => typeof condition === "object");
}

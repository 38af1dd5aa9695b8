/** Restores a backup into its customer's box, or into a new one. */

import { and, eq, sql } from "drizzle-orm";
import type { RestoreRequest } from "#schema/contracts/backups.ts";
import { type Accepted, BoxWish } from "#schema/contracts/internal.ts";
import { boxes } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import { newId } from "#schema/domain/ids.ts";
import type { Call, Ctx } from "../../context.ts";
import { actorName } from "../../contracts/actor.ts";
import { requireScope } from "../access.ts";
import { changeBox } from "../boxes/change.ts";
import { peopleOf } from "../boxes/people.ts";
import { provisionBox } from "../boxes/provision.ts";
import { acceptedAgain } from "../idempotency/accepted-again.ts";
import { once } from "../idempotency/once.ts";
import { moment } from "../sql.ts";
import { loadBackup } from "./list.ts";
import type { BackupRow } from "./orders.ts";
import { storageOf } from "./storage.ts";

type Restore = Call<RestoreRequest & { backupId: string }>;

/** Throws `not_found`, and `conflict` with the reason if this backup can't be restored there. */
export async function restoreBackup(call: Restore): Promise<Accepted> {
  requireScope(call.ctx, "boxes:write");
  return once(call, restore, acceptedAgain);
}

async function restore({ ctx, input }: Restore): Promise<Accepted> {
  storageOf(ctx);
  const backup = await loadBackup(ctx, input.backupId);
  if (backup.status !== "stored") {
    throw new AppError("conflict", `This backup is ${backup.status}: only a stored backup can be restored`);
  }
  if (input.telegram_bot_token !== undefined) return intoNewBox(ctx, backup, input.telegram_bot_token);
  return intoBox(ctx, backup, input.box_id ?? backup.boxId);
}

function intoBox(ctx: Ctx, backup: BackupRow, boxId: string): Promise<Accepted> {
  const now = moment(ctx.now());
  return changeBox(ctx, {
    boxId,
    change: "restore",
    set: [],
    plan: (box) => {
      // Another customer's box is not found, whoever asks.
      if (box.customerId !== backup.customerId)
        throw new AppError("not_found", "The customer of this backup has no such box");
      return undefined;
    },
    also: {
      restoring: sql`insert into restores (id, backup_id, box_id, customer_id, is_origin, requested_by, created_at)
        select ${newId()}::uuid, ${backup.id}::uuid, changed.id, ${backup.customerId}::uuid, false, ${actorName(ctx.actor)}, ${now} from changed`,
    },
    detail: { backup: backup.id },
  });
}

/** A box like the one that was backed up, for a customer without a box. */
async function intoNewBox(ctx: Ctx, backup: BackupRow, botToken: string): Promise<Accepted> {
  const { customerId } = backup;
  const [box] = await ctx.db
    .select()
    .from(boxes)
    .where(and(eq(boxes.id, backup.boxId), eq(boxes.customerId, customerId)));
  if (!box) throw new AppError("not_found", "The box of this backup does not exist");
  const { tier, model, thinkingLevel: thinking_level, language } = box;
  const wish = BoxWish.parse({ tier, model, thinking_level, language });
  return provisionBox({
    ctx,
    input: { ...wish, telegram_bot_token: botToken, telegram_users: peopleOf(box) },
    origin: { backupId: backup.id, customerId, systemPrompt: box.systemPrompt },
  });
}

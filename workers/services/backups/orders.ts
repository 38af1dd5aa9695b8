/** The open backup or restore order of a box, and who may carry it out. */
import { and, desc, eq, or } from "drizzle-orm";
import type { StateOrder } from "#schema/contracts/state-transfer.ts";
import { backups, operatorJobs, restores } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Ctx } from "../../context.ts";
import type { JobWithBox } from "../jobs/load.ts";
import { openDataKey } from "./data-key.ts";
import { transferToken } from "./transfer-token.ts";

export type BackupRow = typeof backups.$inferSelect;
export type RestoreRow = typeof restores.$inferSelect;

/** `backup`: the one that is made or restored. */
export type Order = { kind: "backup"; backup: BackupRow } | { kind: "restore"; restore: RestoreRow; backup: BackupRow };

/** The supervisor cancels its work after this; the agent stops waiting a little later. */
const TIMEOUT_SECONDS = { backup: 600, restore: 900 };

/** This job's order; undefined if there is none. A restore comes with whichever job the box has next. */
export async function orderOf(ctx: Ctx, { job, box }: JobWithBox): Promise<Order | undefined> {
  if (job.type === "backup") {
    const [backup] = await ctx.db.select().from(backups).where(eq(backups.jobId, job.id));
    return backup && { kind: "backup", backup };
  }
  const [found] = await ctx.db
    .select({ restore: restores, backup: backups })
    .from(restores)
    .innerJoin(backups, eq(backups.id, restores.backupId))
    .where(
      and(
        eq(restores.boxId, box.id),
        or(eq(restores.status, "pending"), job.fence === null ? undefined : eq(restores.attemptFence, job.fence)),
      ),
    )
    .orderBy(desc(restores.createdAt))
    .limit(1);
  return found && { kind: "restore", ...found };
}

export const rowOf = (order: Order): BackupRow | RestoreRow => (order.kind === "backup" ? order.backup : order.restore);

/** What the agent writes beside box.json; undefined if there is no order. */
export async function stateOrder(ctx: Ctx, found: JobWithBox): Promise<StateOrder | undefined> {
  if (found.box.desiredStatus !== "active" || found.job.fence === null) return undefined;
  const order = await orderOf(ctx, found);
  if (!order || rowOf(order).status !== "pending") return undefined;
  const { backup } = order;
  const { id } = rowOf(order);
  if (backup.dataKeySealed === null) throw new AppError("conflict", "The key of this backup has been erased");
  return {
    kind: order.kind,
    order_id: id,
    fence: found.job.fence,
    backup_id: backup.id,
    url: `${ctx.config.POD_PROXY_URL}/fleet/transfers/${id}`,
    token: await transferToken(ctx, id, found.job.fence),
    key: await openDataKey(ctx, backup, backup.dataKeySealed),
    timeout_seconds: TIMEOUT_SECONDS[order.kind],
    required: order.kind === "restore" && order.restore.isOrigin,
    manifest: order.kind === "restore" ? backup.manifest : null,
  };
}

/** The order that is open under this fence. Throws `lease_lost` if its job has ended or has another holder. */
export async function openOrder(ctx: Ctx, orderId: string, fence: number): Promise<Order> {
  const running = and(eq(operatorJobs.status, "running"), eq(operatorJobs.fence, fence));
  const [[made], [put]] = await ctx.db.batch([
    ctx.db
      .select({ backup: backups })
      .from(backups)
      .innerJoin(operatorJobs, and(eq(operatorJobs.id, backups.jobId), running))
      .where(and(eq(backups.id, orderId), eq(backups.status, "pending"))),
    ctx.db
      .select({ restore: restores, backup: backups })
      .from(restores)
      .innerJoin(backups, eq(backups.id, restores.backupId))
      .innerJoin(operatorJobs, and(eq(operatorJobs.boxId, restores.boxId), running))
      .where(and(eq(restores.id, orderId), eq(restores.status, "pending"))),
  ]);
  if (made) return { kind: "backup", ...made };
  if (put) return { kind: "restore", ...put };
  throw new AppError("lease_lost", "This transfer is over");
}

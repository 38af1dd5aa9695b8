import { and, eq, gte } from "drizzle-orm";
import { operatorJobs } from "#schema/db/schema.ts";
import type { Ctx } from "../../context.ts";
import { ANY_FENCE, notifyMailbox } from "../jobs/notify-mailbox.ts";

/** As long as a lease: backups that ended earlier need no abort any more. */
const LATELY_MS = 60_000;

/** Aborts agents that still run a backup which a change of the box has ended, so that the change need not wait for the lease. */
export async function endBackups(ctx: Ctx, box: { id: string; clusterId: string }): Promise<void> {
  const ended = await ctx.db
    .select({ id: operatorJobs.id })
    .from(operatorJobs)
    .where(
      and(
        eq(operatorJobs.boxId, box.id),
        eq(operatorJobs.type, "backup"),
        eq(operatorJobs.status, "superseded"),
        gte(operatorJobs.finishedAt, new Date(ctx.now().getTime() - LATELY_MS)),
      ),
    );
  for (const { id } of ended) await notifyMailbox(ctx, box.clusterId, (mailbox) => mailbox.abort(id, ANY_FENCE));
}

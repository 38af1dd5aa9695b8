import { and, eq, not, sql } from "drizzle-orm";
import { operatorJobs } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import { LEASE_MS } from "#schema/domain/jobs.ts";
import type { Call } from "../../context.ts";
import { ownJob } from "./load.ts";
import { notifyMailbox } from "./notify-mailbox.ts";
import { isSuperseded } from "./supersede.ts";

/** The new end of the lease, in ms. Throws `not_found`, `lease_lost`, and `superseded` where a newer job waits for its end. */
export async function heartbeatJob({ ctx, input }: Call<{ jobId: string; fence: number }>): Promise<number> {
  const { job } = await ownJob(ctx, input);
  const until = ctx.now().getTime() + LEASE_MS;
  const rows = await ctx.db
    .update(operatorJobs)
    .set({ leaseUntil: new Date(until) })
    .where(
      and(
        eq(operatorJobs.id, input.jobId),
        eq(operatorJobs.fence, input.fence),
        eq(operatorJobs.status, "running"),
        not(isSuperseded(sql`operator_jobs`)),
      ),
    )
    .returning({ id: operatorJobs.id });
  if (rows.length === 0) {
    await ownJob(ctx, input);
    throw new AppError("superseded", "A newer job of the box waits: end this one");
  }
  await notifyMailbox(ctx, job.clusterId, (mailbox) => mailbox.extend(input.jobId, input.fence, until));
  return until;
}

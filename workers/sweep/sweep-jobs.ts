/** Jobs whose lease ran out unseen, and jobs that no mailbox was told of. */

import { and, asc, eq, gt, isNull, lt, lte, sql } from "drizzle-orm";
import { boxes, operatorJobs } from "#schema/db/schema.ts";
import type { Ctx } from "../context.ts";
import type { Offer } from "../contracts/mailbox.ts";
import { eachItem } from "../services/each-item.ts";
import { expireJob } from "../services/jobs/expire.ts";

/** A job younger than this is still on its way through QStash. */
const GRACE_MS = 5_000;
/** The mailbox takes expired leases back itself; this long after, it has not. */
const LEASE_GRACE_MS = 10_000;
/** Each costs a handful of a sweep's thousand subrequests; the next minute takes the next ones. */
const LEASES = 100;
/** Jobs in one offer, and offers in one sweep. */
const PAGE = 1_000;
const PAGES = 50;

const { id, boxId, clusterId, seq, availableAt, fence } = operatorJobs;

export async function expireLeases(ctx: Ctx): Promise<void> {
  const before = new Date(ctx.now().getTime() - LEASE_GRACE_MS);
  const rows = await ctx.db
    .select({ jobId: id, boxId, clusterId, fence })
    .from(operatorJobs)
    .where(and(eq(operatorJobs.status, "running"), lt(operatorJobs.leaseUntil, before)))
    .orderBy(asc(operatorJobs.leaseUntil))
    .limit(LEASES);
  await eachItem(
    ctx,
    rows,
    (job) => ({ job_id: job.jobId, cluster_id: job.clusterId }),
    (job) => takeBack(ctx, { ...job, fence: job.fence ?? 0 }),
  );
}

async function takeBack(
  ctx: Ctx,
  { clusterId, fence, ...job }: { jobId: string; boxId: string; clusterId: string; fence: number },
): Promise<void> {
  const expired = await expireJob({ ctx, input: { jobId: job.jobId, fence } });
  if (expired.kind === "extended") return;
  const again = expired.kind === "queued" ? { ...job, ...expired } : undefined;
  await ctx.mailbox(clusterId).abort(job.jobId, fence, again);
}

/** Page by page: a cluster whose agent is away, with however many jobs, must not hide those of the others. */
export async function offerQueued(ctx: Ctx): Promise<void> {
  let count = 0;
  for (let page = 0, after = 0; page < PAGES; page++) {
    const rows = await queuedAfter(ctx, after);
    count += rows.length;
    ctx.log.set({ count });
    const byCluster = Map.groupBy(rows, (row) => row.clusterId);
    await eachItem(
      ctx,
      byCluster,
      ([cluster]) => ({ cluster_id: cluster }),
      ([cluster, jobs]) => ctx.mailbox(cluster).offer(jobs.map(toOffer)),
    );
    after = rows.at(-1)?.seq ?? after;
    if (rows.length < PAGE) return;
  }
}

type Queued = Awaited<ReturnType<typeof queuedAfter>>[number];

function queuedAfter(ctx: Ctx, after: number) {
  const now = ctx.now().getTime();
  return ctx.db
    .select({ jobId: id, boxId, clusterId, seq, availableAt, background: sql<boolean>`${isNull(boxes.customerId)}` })
    .from(operatorJobs)
    .innerJoin(boxes, eq(boxes.id, boxId))
    .where(
      and(
        eq(operatorJobs.status, "queued"),
        gt(seq, after),
        lte(availableAt, new Date(now)),
        lte(operatorJobs.createdAt, new Date(now - GRACE_MS)),
      ),
    )
    .orderBy(asc(seq))
    .limit(PAGE);
}

const toOffer = ({ jobId, boxId, seq, availableAt, background }: Queued): Offer => ({
  jobId,
  boxId,
  seq,
  availableAt: availableAt.getTime(),
  background,
});

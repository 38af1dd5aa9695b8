/** Jobs whose lease ran out unseen, and jobs that no mailbox was told of. */

import { and, asc, eq, gt, isNull, lt, lte, sql } from "drizzle-orm";
import { boxes, operatorJobs } from "#schema/db/schema.ts";
import type { Ctx } from "../context.ts";
import { eachItem, isSpent } from "../services/each-item.ts";
import { expireJob } from "../services/jobs/expire.ts";
import { makeOffer } from "../services/jobs/make-offer.ts";

/** A job younger than this is still on its way through QStash. */
const GRACE_MS = 5_000;
/** The mailbox takes expired leases back itself; this long after, it has not. */
const LEASE_GRACE_MS = 10_000;
/** The most in one sweep; the next sweep continues. */
const LEASES = 100;
/** Jobs in one offer, and offers to one cluster in one sweep. */
const PAGE = 1_000;
const PAGES = 10;
/** Each: its jobs, and telling of them. */
const COST = 2;

const { id, boxId, clusterId, seq, availableAt, fence } = operatorJobs;

export async function expireLeases(ctx: Ctx): Promise<void> {
  const before = new Date(ctx.now().getTime() - LEASE_GRACE_MS);
  const rows = await ctx.db
    .select({ jobId: id, clusterId, fence })
    .from(operatorJobs)
    .where(and(eq(operatorJobs.status, "running"), lt(operatorJobs.leaseUntil, before)))
    .orderBy(asc(operatorJobs.leaseUntil))
    .limit(LEASES);
  const name = ({ jobId, clusterId }: (typeof rows)[number]) => ({ job_id: jobId, cluster_id: clusterId });
  await eachItem(ctx, { items: rows, cost: 3, name }, async (job) => {
    const held = { jobId: job.jobId, fence: job.fence ?? 0 };
    const expired = await expireJob({ ctx, input: held });
    if (expired.kind === "extended") return;
    const again = expired.kind === "queued" ? expired.offer : undefined;
    await ctx.mailbox(job.clusterId).abort(held.jobId, held.fence, again);
  });
}

/** Cluster by cluster: one whose agent is away, with however many jobs, must not hide those of the others. */
export async function offerQueued(ctx: Ctx): Promise<void> {
  const rows = await ctx.db.selectDistinct({ clusterId }).from(operatorJobs).where(isDue(ctx)).orderBy(asc(clusterId));
  const items = rows.map((row) => row.clusterId);
  await eachItem(ctx, { items, cost: COST, name: (id) => ({ cluster_id: id }) }, (id) => offerAll(ctx, id));
}

async function offerAll(ctx: Ctx, cluster: string): Promise<void> {
  for (let page = 0, after = 0; page < PAGES; page++) {
    if (isSpent(ctx.turn, COST)) return;
    const jobs = await queuedAfter(ctx, cluster, after);
    if (jobs.length > 0) await ctx.mailbox(cluster).offer(jobs.map((job) => makeOffer(job, job.background)));
    after = jobs.at(-1)?.seq ?? after;
    if (jobs.length < PAGE) return;
  }
}

/** Queued jobs that could run, and that QStash has had its time for. */
function isDue(ctx: Ctx) {
  const now = ctx.now().getTime();
  return and(
    eq(operatorJobs.status, "queued"),
    lte(availableAt, new Date(now)),
    lte(operatorJobs.createdAt, new Date(now - GRACE_MS)),
  );
}

const queuedAfter = (ctx: Ctx, cluster: string, after: number) =>
  ctx.db
    .select({ id, boxId, seq, availableAt, background: sql<boolean>`${isNull(boxes.customerId)}` })
    .from(operatorJobs)
    .innerJoin(boxes, eq(boxes.id, boxId))
    .where(and(isDue(ctx), eq(clusterId, cluster), gt(seq, after)))
    .orderBy(asc(seq))
    .limit(PAGE);

/** Each minute: what was lost on the way is found again. Every part may run twice and fails alone. */
import { and, asc, eq, lt, lte, sql } from "drizzle-orm";
import { idempotencyKeys, operatorJobs, sessions } from "#schema/db/schema.ts";
import type { Ctx } from "../../context.ts";
import { expireJob } from "../jobs/expire.ts";
import type { Offer } from "../jobs/offer.ts";
import type { JobRow } from "../jobs/view-job.ts";
import { moment } from "../sql.ts";
import { retellRevoked, revokeExpired } from "../tokens/revoke-expired.ts";

/** A job younger than this is still on its way through QStash. */
const GRACE_MS = 5_000;
/** The mailbox takes expired leases back itself; this long after, it has not. */
const LEASE_GRACE_MS = 10_000;
const BATCH = 1_000;

const PARTS = {
  expireLeases,
  offerQueued,
  ensurePartitions,
  forgetExpired,
  renewPeriods,
  revokeExpired,
  retellRevoked,
};

/** Runs every part; throws the first failure after all had their turn. */
export async function sweep({ ctx }: { ctx: Ctx }): Promise<void> {
  const failures: unknown[] = [];
  for (const [name, part] of Object.entries(PARTS)) {
    await part(ctx).catch((error: unknown) => {
      ctx.log.set({ outcome: `${name} failed` });
      failures.push(error);
    });
  }
  if (failures.length > 0) throw failures[0];
}

async function expireLeases(ctx: Ctx): Promise<void> {
  const before = new Date(ctx.now().getTime() - LEASE_GRACE_MS);
  const rows = await ctx.db
    .select()
    .from(operatorJobs)
    .where(and(eq(operatorJobs.status, "running"), lt(operatorJobs.leaseUntil, before)))
    .limit(BATCH);
  for (const job of rows) await takeBack(ctx, job);
}

async function takeBack(ctx: Ctx, { id, boxId, clusterId, fence }: JobRow): Promise<void> {
  const expired = await expireJob({ ctx, input: { jobId: id, fence: fence ?? 0 } });
  if (expired.kind === "extended") return;
  const again = expired.kind === "queued" ? { jobId: id, boxId, ...expired } : undefined;
  await ctx.mailbox(clusterId).abort(id, again);
}

async function offerQueued(ctx: Ctx): Promise<void> {
  const now = ctx.now().getTime();
  const rows = await ctx.db
    .select()
    .from(operatorJobs)
    .where(
      and(
        eq(operatorJobs.status, "queued"),
        lte(operatorJobs.availableAt, new Date(now)),
        lte(operatorJobs.createdAt, new Date(now - GRACE_MS)),
      ),
    )
    .orderBy(asc(operatorJobs.seq))
    .limit(BATCH);
  ctx.log.set({ count: rows.length });
  const byCluster = Map.groupBy(rows, (row) => row.clusterId);
  for (const [clusterId, jobs] of byCluster) {
    const offers: Offer[] = jobs.map((job) => ({
      jobId: job.id,
      boxId: job.boxId,
      seq: job.seq,
      availableAt: job.availableAt.getTime(),
    }));
    await ctx.mailbox(clusterId).offer(offers);
  }
}

async function ensurePartitions(ctx: Ctx): Promise<void> {
  const now = moment(ctx.now());
  await ctx.db.execute(sql`select ensure_usage_partition(${now}), ensure_usage_partition(${now} + interval '1 month')`);
}

async function forgetExpired(ctx: Ctx): Promise<void> {
  await ctx.db.batch([
    ctx.db.delete(idempotencyKeys).where(lt(idempotencyKeys.expiresAt, ctx.now())),
    ctx.db.delete(sessions).where(lt(sessions.expiresAt, ctx.now())),
  ]);
}

/** A subscription made by hand has no Stripe to renew it: its next period begins where the last one ended. */
async function renewPeriods(ctx: Ctx): Promise<void> {
  const now = moment(ctx.now());
  await ctx.db.execute(sql`update subscriptions
    set current_period_start = current_period_end, current_period_end = current_period_end + interval '1 month',
      updated_at = ${now}
    where stripe_subscription_id is null and status = 'active' and current_period_end <= ${now}`);
}

/** Keeps every pool at its size: creates missing boxes, removes surplus and unusable ones. */
import { eq, inArray, sql } from "drizzle-orm";
import { operatorJobs, warmPools } from "#schema/db/schema.ts";
import { newId } from "#schema/domain/ids.ts";
import { POOL_STEP, REFILL_AFTER_MS } from "#schema/domain/pool.ts";
import type { TierId } from "#schema/domain/tiers.ts";
import type { Ctx } from "../../context.ts";
import { logError } from "../../log.ts";
import { eachItem } from "../each-item.ts";
import { makeOffer } from "../jobs/make-offer.ts";
import { notifyMailbox } from "../jobs/notify-mailbox.ts";
import { stopSuperseded } from "../jobs/supersede.ts";
import { fill } from "./fill.ts";
import { scaleDown } from "./scale-down.ts";

export interface PoolKey {
  clusterId: string;
  tier: TierId;
  size: number;
}

/** The sweep's part. A failing pool does not affect the others. */
export async function keepPools(ctx: Ctx, clusterId?: string, delayMs = 0): Promise<void> {
  const pools = await ctx.db
    .select()
    .from(warmPools)
    .where(clusterId === undefined ? undefined : eq(warmPools.clusterId, clusterId));
  const name = ({ clusterId: id, tier }: PoolKey) => ({ cluster_id: id, tier });
  await eachItem(ctx, { items: pools, cost: 2, name }, (pool) => keepPool(ctx, pool, delayMs));
}

/** After an answer: replaces the adopted box. Failures are left to the sweep. */
export function refillLater(ctx: Ctx, clusterId: string): void {
  ctx.defer(
    keepPools(ctx, clusterId, REFILL_AFTER_MS).catch((error: unknown) =>
      logError("pool", ctx.requestId, error, { cluster_id: clusterId, outcome: "left to the sweep" }, "warn"),
    ),
  );
}

/** Locks the pool's row first, so that a concurrent call sees what this one has done. */
async function keepPool(ctx: Ctx, pool: PoolKey, delayMs: number): Promise<void> {
  const { clusterId, tier } = pool;
  const jobIds = Array.from({ length: 2 * POOL_STEP }, newId);
  const startAt = new Date(ctx.now().getTime() + delayMs);
  const rows = await ctx.db.batch([
    ctx.db.execute(
      sql`select size from warm_pools where cluster_id = ${clusterId} and tier = ${tier}::tier for update`,
    ),
    ctx.db.execute(scaleDown(ctx, pool, jobIds.slice(0, POOL_STEP))),
    ctx.db.execute(fill(ctx, pool, { jobIds: jobIds.slice(POOL_STEP), startAt })),
    ctx.db.select().from(operatorJobs).where(inArray(operatorJobs.id, jobIds)),
  ]);
  const offers = rows[3].map((job) => makeOffer(job, true));
  if (offers.length > 0) await notifyMailbox(ctx, clusterId, (mailbox) => mailbox.offer(offers));
  const removed = rows[3].filter(({ type }) => type === "destroy");
  await stopSuperseded(
    ctx,
    clusterId,
    removed.map(({ boxId }) => boxId),
  );
}

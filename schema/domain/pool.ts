/** The warm pool's rules that need no database. Times are milliseconds. */
import { TIERS, type TierId } from "./tiers.ts";

/** The most boxes that a cluster may keep ready for one tier. */
export const MOST_POOL_BOXES = 200;
/** The most boxes that one pass over a pool creates or removes; the next pass continues. */
export const POOL_STEP = 10;
/** How much later an adopted box's replacement starts, because starting costs CPU that the new customer waits for. */
export const REFILL_AFTER_MS = 10_000;
/** How long a failed box is kept: operators can see why, and a broken image is not retried without a pause. */
export const FAILED_KEPT_MS = 10 * 60_000;
/** A box that has been unhealthy this long is replaced. */
export const UNWELL_MS = 2 * 60_000;
/** The window of the hit rate. */
export const POOL_WINDOW_DAYS = 7;

/** How many outdated boxes may be replaced at once: the pool must not be empty while all are. */
export const outdatedAtOnce = (size: number): number => Math.max(1, Math.floor(size / 4));

/** What the pool's boxes request from the cluster: thousandths of a core, MiB of memory, GiB of volumes. */
export function poolCost(tier: TierId, boxes: number) {
  const { cpu, memory, volumeGi } = TIERS[tier];
  return { cpu_milli: cpu.requestMilli * boxes, memory_mi: memory.requestMi * boxes, volume_gi: volumeGi * boxes };
}

/** Between 0 and 1; null if there was no provision. */
export const hitRate = (hits: number, misses: number): number | null =>
  hits + misses === 0 ? null : hits / (hits + misses);

type PoolCost = ReturnType<typeof poolCost>;

export const sumOfCosts = (costs: readonly PoolCost[]): PoolCost =>
  costs.reduce(
    (sum, one) => ({
      cpu_milli: sum.cpu_milli + one.cpu_milli,
      memory_mi: sum.memory_mi + one.memory_mi,
      volume_gi: sum.volume_gi + one.volume_gi,
    }),
    { cpu_milli: 0, memory_mi: 0, volume_gi: 0 },
  );

/** `hit`: a provision took a box of the pool. `miss`: there is a pool, but no box of it was ready. */
export const POOL_RESULTS = ["hit", "miss"] as const;

/** Requests and answers of `/internal/clusters/:id/pool`. Names are snake_case, as on the wire. */
import * as z from "zod";
import { MOST_POOL_BOXES } from "#schema/domain/pool.ts";
import { BOX_STATUSES } from "#schema/domain/states.ts";
import { TIER_IDS, type TierId } from "#schema/domain/tiers.ts";
import { time } from "./parts.ts";

const size = z.int().min(0).max(MOST_POOL_BOXES).optional();
const SIZES = { starter: size, pro: size, team: size } satisfies Record<TierId, typeof size>;

/** Boxes to keep ready, by tier; a tier that is left out stays as it is. */
export const PoolRequest = z
  .strictObject(SIZES)
  .refine((sizes) => Object.values(sizes).some((one) => one !== undefined), "must have at least one tier")
  .meta({ id: "PoolRequest", minProperties: 1 });
export type PoolRequest = z.infer<typeof PoolRequest>;

const PoolCost = z.object({ cpu_milli: z.int(), memory_mi: z.int(), volume_gi: z.int() });

/** A cluster's pool as its agent gets it, for `/metrics`: only tiers that have one. */
export const PoolFigures = z.object({
  tier: z.enum(TIER_IDS),
  size: z.int(),
  ready: z.int(),
  /** All boxes without an owner, ready or not. */
  boxes: z.int(),
  hits: z.int(),
  misses: z.int(),
});
export type PoolFigures = z.infer<typeof PoolFigures>;

const PoolBox = z.object({
  id: z.uuid(),
  namespace: z.string(),
  status: z.enum(BOX_STATUSES),
  status_reason: z.string().nullable(),
  health: z.string(),
  ready: z.boolean().meta({ description: "Whether it can be adopted now" }),
  outdated: z.boolean().meta({ description: "Whether a new box would have another image or template" }),
  created_at: time,
});
export type PoolBox = z.infer<typeof PoolBox>;

const PoolTier = z.object({
  tier: z.enum(TIER_IDS),
  size: z.int().meta({ description: "How many should be ready" }),
  ready: z.int(),
  starting: z.int().meta({ description: "Boxes that are not ready yet, or no longer" }),
  failed: z.int(),
  leaving: z.int().meta({ description: "Boxes that are being removed" }),
  hits: z.int().meta({ description: "Provisions of the last `window_days` that adopted a box" }),
  misses: z.int().meta({ description: "Provisions of the last `window_days` that found none ready" }),
  hit_rate: z.number().nullable(),
  cost: PoolCost.meta({ description: "What its boxes request from the cluster" }),
  boxes: z.array(PoolBox),
});
export type PoolTier = z.infer<typeof PoolTier>;

export const Pool = z
  .object({
    cluster_id: z.string(),
    window_days: z.int(),
    tiers: z.array(PoolTier),
    cost: PoolCost,
  })
  .meta({ id: "Pool" });
export type Pool = z.infer<typeof Pool>;

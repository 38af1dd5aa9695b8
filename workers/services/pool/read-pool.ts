import { eq, sql } from "drizzle-orm";
import * as z from "zod";
import type { Pool, PoolBox, PoolTier } from "#schema/contracts/pool.ts";
import { clusters, warmPools } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import { namespaceOf } from "#schema/domain/ids.ts";
import { hitRate, POOL_WINDOW_DAYS, poolCost, sumOfCosts } from "#schema/domain/pool.ts";
import { BOX_STATUSES } from "#schema/domain/states.ts";
import { TIER_IDS, type TierId } from "#schema/domain/tiers.ts";
import type { Call, Ctx } from "../../context.ts";
import { reasonOf } from "../health/reason-of.ts";
import { moment } from "../sql.ts";
import { isOutdated, isReady } from "./ready-boxes.ts";

const DAY_MS = 86_400_000;

const Row = z.object({
  id: z.string(),
  tier: z.enum(TIER_IDS),
  status: z.enum(BOX_STATUSES),
  status_reason: z.string().nullable(),
  health: z.string(),
  ready: z.boolean(),
  outdated: z.boolean(),
  leaving: z.boolean(),
  created_at: z.coerce.date(),
});
type Row = z.infer<typeof Row>;

const Asked = z.object({ tier: z.enum(TIER_IDS), hits: z.coerce.number(), misses: z.coerce.number() });
type Asked = z.infer<typeof Asked>;

/** A cluster's warm pool with its hit rate and cost. Throws `not_found`. */
export async function readPool({ ctx, input }: Call<{ clusterId: string }>): Promise<Pool> {
  const { clusterId } = input;
  const [found, sizes, boxes, asked] = await ctx.db.batch([
    ctx.db.select({ id: clusters.id }).from(clusters).where(eq(clusters.id, clusterId)),
    ctx.db.select().from(warmPools).where(eq(warmPools.clusterId, clusterId)),
    ctx.db.execute(boxesOf(clusterId)),
    ctx.db.execute(askedOf(ctx, clusterId)),
  ]);
  if (found.length === 0) throw new AppError("not_found", "There is no such cluster");
  const rows = boxes.rows.map((row) => Row.parse(row));
  const askedRows = asked.rows.map((row) => Asked.parse(row));
  const tiers = TIER_IDS.map((tier) =>
    viewTier(tier, {
      size: sizes.find((one) => one.tier === tier)?.size ?? 0,
      rows: rows.filter((row) => row.tier === tier),
      asked: askedRows.find((row) => row.tier === tier),
    }),
  );
  const cost = sumOfCosts(tiers.map((tier) => tier.cost));
  return { cluster_id: clusterId, window_days: POOL_WINDOW_DAYS, tiers, cost };
}

const boxesOf = (
  clusterId: string,
) => sql`select b.id, b.tier, b.status, ${reasonOf} as status_reason, h.state as health, b.created_at,
    ${isReady} as ready, ${isOutdated} as outdated, b.desired_status = 'destroyed' as leaving
  from boxes b join box_health h on h.box_id = b.id join clusters c on c.id = b.cluster_id
  where b.cluster_id = ${clusterId} and b.customer_id is null and b.status <> 'destroyed' order by b.created_at`;

/** An adopted box's start is its adoption. */
function askedOf(ctx: Ctx, clusterId: string) {
  const since = moment(new Date(ctx.now().getTime() - POOL_WINDOW_DAYS * DAY_MS));
  return sql`select tier, count(*) filter (where pool_result = 'hit') as hits,
      count(*) filter (where pool_result = 'miss') as misses
    from boxes where cluster_id = ${clusterId} and pool_result is not null and created_at >= ${since} group by tier`;
}

interface TierRows {
  size: number;
  rows: Row[];
  asked: Asked | undefined;
}

function viewTier(tier: TierId, { size, rows, asked }: TierRows): PoolTier {
  const { hits, misses } = asked ?? { hits: 0, misses: 0 };
  const staying = rows.filter((row) => !row.leaving);
  const ready = staying.filter((row) => row.ready).length;
  const failed = staying.filter((row) => row.status === "failed").length;
  return {
    tier,
    size,
    ready,
    starting: staying.length - ready - failed,
    failed,
    leaving: rows.length - staying.length,
    hits,
    misses,
    hit_rate: hitRate(hits, misses),
    cost: poolCost(tier, rows.length),
    boxes: rows.map(viewBox),
  };
}

const viewBox = ({ leaving: _, tier: _tier, created_at, ...row }: Row): PoolBox => ({
  ...row,
  namespace: namespaceOf(row.id),
  created_at: created_at.toISOString(),
});

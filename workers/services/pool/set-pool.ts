import { eq, type SQL, sql } from "drizzle-orm";
import type { Pool, PoolRequest } from "#schema/contracts/pool.ts";
import { clusters } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Call, Ctx } from "../../context.ts";
import { requireScope } from "../access.ts";
import { auditFrom, moment } from "../sql.ts";
import { keepPools } from "./keep-pools.ts";
import { readPool } from "./read-pool.ts";

/** Sets how many boxes a cluster keeps ready, and makes the needed jobs at once. Throws `not_found`. */
export async function setPool({ ctx, input }: Call<{ clusterId: string; sizes: PoolRequest }>): Promise<Pool> {
  requireScope(ctx, "fleet:write");
  const { clusterId, sizes } = input;
  const [cluster] = await ctx.db.select({ id: clusters.id }).from(clusters).where(eq(clusters.id, clusterId));
  if (!cluster) throw new AppError("not_found", "There is no such cluster");
  await ctx.db.execute(statement(ctx, clusterId, sizes));
  ctx.log.set({ cluster_id: clusterId });
  await keepPools(ctx, clusterId);
  return readPool({ ctx, input: { clusterId } });
}

function statement(ctx: Ctx, clusterId: string, sizes: PoolRequest): SQL {
  const now = moment(ctx.now());
  return sql`with resized as (
    insert into warm_pools (cluster_id, tier, size, updated_at)
    select ${clusterId}, tier::tier, size::int, ${now} from jsonb_each_text(${JSON.stringify(sizes)}::jsonb) as wish(tier, size)
    on conflict (cluster_id, tier) do update set size = excluded.size, updated_at = excluded.updated_at
    returning cluster_id
  ) ${auditFrom(ctx, sql`(select distinct cluster_id from resized) one`, "pool.resize", sql`cluster_id`, sizes)}`;
}

import { type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import { PoolFigures } from "#schema/contracts/pool.ts";
import { POOL_WINDOW_DAYS } from "#schema/domain/pool.ts";
import type { Ctx } from "../../context.ts";
import { moment } from "../sql.ts";
import { isReady } from "./ready-boxes.ts";

const DAY_MS = 86_400_000;

/** Of each tier that a cluster has a pool of: one row as `readPoolFigures` takes it. */
export function poolFigures(ctx: Ctx, clusterId: string): SQL {
  const since = moment(new Date(ctx.now().getTime() - POOL_WINDOW_DAYS * DAY_MS));
  const asked = (result: string): SQL => sql`(select count(*)::int from boxes b where b.cluster_id = p.cluster_id
    and b.tier = p.tier and b.pool_result = ${result} and b.created_at >= ${since})`;
  const unowned = sql`from boxes b where b.cluster_id = p.cluster_id and b.tier = p.tier and b.customer_id is null
    and b.status <> 'destroyed'`;
  return sql`select p.tier, p.size, (select count(*)::int ${unowned} and ${isReady}) as ready,
      (select count(*)::int ${unowned}) as boxes, ${asked("hit")} as hits, ${asked("miss")} as misses
    from warm_pools p join clusters c on c.id = p.cluster_id where p.cluster_id = ${clusterId} order by p.tier`;
}

export const readPoolFigures = (rows: readonly unknown[]): PoolFigures[] => z.array(PoolFigures).parse(rows);

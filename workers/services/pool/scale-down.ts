import { type SQL, sql } from "drizzle-orm";
import { FAILED_KEPT_MS, outdatedAtOnce, UNWELL_MS } from "#schema/domain/pool.ts";
import type { Ctx } from "../../context.ts";
import { enqueue } from "../jobs/enqueue.ts";
import { moment } from "../sql.ts";
import type { PoolKey } from "./keep-pools.ts";
import { inPool, isOutdated, isReady } from "./ready-boxes.ts";

/**
 * Destroys surplus boxes, unready ones first; boxes that failed or have long been unhealthy; and outdated
 * boxes, a few at a time, so that some are ready while their replacements start. Skips boxes that are being adopted.
 */
export function scaleDown(ctx: Ctx, { clusterId, tier, size }: PoolKey, jobIds: readonly string[]): SQL {
  const now = moment(ctx.now());
  const ago = (ms: number): SQL => moment(new Date(ctx.now().getTime() - ms));
  const ids = JSON.stringify(jobIds.map((jobId, i) => ({ n: i + 1, job_id: jobId })));
  return sql`with pool as (
    select b.id, b.generation, ${isReady} as ready, ${isOutdated} and b.status = 'active' as outdated,
      (b.status = 'failed' and b.updated_at <= ${ago(FAILED_KEPT_MS)})
        or (b.status = 'active' and h.unhealthy_since <= ${ago(UNWELL_MS)}) as broken,
      b.status in ('pending', 'provisioning', 'updating') as starting,
      row_number() over (order by ${isReady} desc, b.status = 'failed', b.created_at) as place
    from boxes b join box_health h on h.box_id = b.id join clusters c on c.id = b.cluster_id
    where b.cluster_id = ${clusterId} and b.tier = ${tier}::tier and ${inPool}
  ), wanted as (
    select size from warm_pools where cluster_id = ${clusterId} and tier = ${tier}::tier
  ), stale as (
    select id from pool where outdated order by place desc
    limit (select greatest(0, ${outdatedAtOnce(size)} - count(*)) from pool where starting and not outdated)
  ), to_remove as (
    select b.id from boxes b join pool using (id, generation)
    where ${inPool} and (pool.broken or pool.place > (select size from wanted) or pool.id in (select id from stale))
    order by pool.place desc limit ${jobIds.length} for update of b skip locked
  ), changed as (
    update boxes b set desired_status = 'destroyed', generation = b.generation + 1, updated_at = ${now}
    from to_remove where b.id = to_remove.id returning b.id, b.cluster_id, b.generation
  ), superseded as (
    update operator_jobs j set status = 'superseded', finished_at = ${now} from changed
    where j.box_id = changed.id and j.status = 'queued'
  ), numbered as (
    select *, row_number() over () as n from changed
  ), ${enqueue(ctx, {
    type: "destroy",
    from: sql`(select numbered.*, o.job_id from numbered join jsonb_to_recordset(${ids}::jsonb) as o(n int, job_id uuid) using (n))`,
    id: sql`b.job_id`,
    audit: { action: "pool.remove", detail: { cluster: clusterId, tier } },
  })}
  select id from job`;
}

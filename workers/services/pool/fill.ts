import { type SQL, sql } from "drizzle-orm";
import { newId } from "#schema/domain/ids.ts";
import { DEFAULT_LANGUAGE, DEFAULT_MODEL, DEFAULT_THINKING_LEVEL } from "#schema/domain/models.ts";
import type { Ctx } from "../../context.ts";
import { enqueue } from "../jobs/enqueue.ts";
import { moment } from "../sql.ts";
import type { PoolKey } from "./keep-pools.ts";
import { inPool } from "./ready-boxes.ts";

/**
 * Creates the boxes that the pool lacks, at most one for each job id given. They have the defaults of a provision;
 * the owner's settings come with the owner. A failed box counts until it is removed.
 */
export function fill(
  ctx: Ctx,
  { clusterId, tier }: PoolKey,
  { jobIds, startAt }: { jobIds: readonly string[]; startAt: Date },
): SQL {
  const now = moment(ctx.now());
  const ids = JSON.stringify(jobIds.map((jobId, i) => ({ n: i + 1, job_id: jobId, box_id: newId() })));
  return sql`with lack as (
    select p.size - (select count(*) from boxes b
      where b.cluster_id = p.cluster_id and b.tier = p.tier and ${inPool}) as n
    from warm_pools p join clusters c on c.id = p.cluster_id
    where p.cluster_id = ${clusterId} and p.tier = ${tier}::tier and c.accepts_new_boxes
  ), ids as (
    select o.* from jsonb_to_recordset(${ids}::jsonb) as o(n int, job_id uuid, box_id uuid) join lack on o.n <= lack.n
  ), made as (
    insert into boxes (id, cluster_id, tier, model, thinking_level, language, telegram_user_ids, created_at, updated_at)
    select box_id, ${clusterId}, ${tier}::tier, ${DEFAULT_MODEL}, ${DEFAULT_THINKING_LEVEL}, ${DEFAULT_LANGUAGE}, '{}', ${now}, ${now}
    from ids returning id, cluster_id, generation
  ), ${enqueue(ctx, {
    type: "provision",
    from: sql`(select made.*, ids.job_id from made join ids on ids.box_id = made.id)`,
    id: sql`b.job_id`,
    availableAt: startAt,
    audit: { action: "pool.make", detail: { cluster: clusterId, tier } },
  })}
  select id from job`;
}

import { type SQL, sql } from "drizzle-orm";
import { actorName, type Ctx } from "../../context.ts";
import { moment } from "../sql.ts";
import { isGone } from "./judge-strays.ts";

/**
 * The parts of a statement that give boxes which are recorded as destroyed, and are there all the same, another destroy
 * job. `boxIds` is a query for their ids; `removed` holds the jobs (id, box_id, seq).
 */
export function removeAgain(ctx: Ctx, clusterId: string, boxIds: SQL): SQL {
  const now = moment(ctx.now());
  const by = actorName(ctx.actor);
  return sql`doomed as (
    select b.id, b.generation from boxes b where b.id in (${boxIds}) and ${isGone(clusterId)}
    order by b.id for update
  ), removed as (
    insert into operator_jobs (id, box_id, cluster_id, type, generation, requested_by, available_at, created_at)
    select gen_random_uuid(), id, ${clusterId}, 'destroy', generation, ${by}, ${now}, ${now} from doomed
    returning id, box_id, seq
  ), audit as (
    insert into audit_log (at, actor, action, subject, request_id, detail)
    select ${now}, ${by}, 'box.destroy-again', box_id::text, ${ctx.requestId}, jsonb_build_object('job', id) from removed
  )`;
}

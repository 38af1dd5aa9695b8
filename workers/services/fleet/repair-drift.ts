import { type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import { type DriftAnswer, type DriftReport, DriftVerdict } from "#schema/contracts/comparison.ts";
import { NEW_DRIFT_MS, REPAIRS_AT_ONCE } from "#schema/domain/health.ts";
import type { Call, Ctx } from "../../context.ts";
import { actorName } from "../../contracts/actor.ts";
import { ownCluster } from "../access.ts";
import { growingWait } from "../health/growing-wait.ts";
import { enqueue, offerJobs } from "../jobs/enqueue.ts";
import { moment } from "../sql.ts";

const Row = z.object({ box_id: z.uuid(), verdict: DriftVerdict });

/**
 * Repairs boxes that have drifted. Each gets an `update` job of its current generation, with the same
 * lease and fence as every change, so a repair can't undo one. A box that drifts repeatedly is repaired
 * with growing waits, and the number of open repairs in a cluster is limited.
 */
export async function repairDrift({ ctx, input }: Call<DriftReport>): Promise<DriftAnswer> {
  const { clusterId } = ownCluster(ctx);
  const { rows } = await ctx.db.execute(statement(ctx, clusterId, input));
  const jobs = rows.filter(({ id }) => id !== null);
  ctx.log.set({ cluster_id: clusterId, count: jobs.length });
  await offerJobs(ctx, clusterId, jobs);
  return { boxes: rows.map((row) => Row.parse(row)) };
}

/** Locks the boxes in the order of their ids, so that two reports can't deadlock. */
function statement(ctx: Ctx, clusterId: string, { boxes }: DriftReport): SQL {
  const now = moment(ctx.now());
  const by = actorName(ctx.actor);
  return sql`with asked as (
    select * from jsonb_to_recordset(${JSON.stringify(boxes)}::jsonb) as r(box_id uuid, generation bigint, found jsonb)
  ), locked as (
    select b.* from boxes b where b.id in (select box_id from asked) and b.cluster_id = ${clusterId} order by b.id for update
  ), judged as (
    select a.box_id, a.found, b.generation, case
      when b.id is null or b.generation <> a.generation or b.desired_status = 'destroyed' then 'stale'
      when b.status not in ('active', 'suspended') or exists (
        select from operator_jobs j where j.box_id = b.id and j.status in ('queued', 'running')) then 'busy'
      when h.drift_repaired_at > ${now} - ${growingWait(sql`h.drift_repairs`)} then 'later'
      else 'repairing' end as verdict
    from asked a left join locked b on b.id = a.box_id left join box_health h on h.box_id = b.id
  ), ranked as (
    select *, row_number() over (partition by verdict order by box_id) as place from judged
  ), decided as (
    select box_id, found, generation, case when verdict = 'repairing' and place > ${REPAIRS_AT_ONCE} - (
        select count(*) from operator_jobs j where j.cluster_id = ${clusterId} and j.status in ('queued', 'running')
          and j.requested_by = ${by}) then 'later' else verdict end as verdict
    from ranked
  ), ${enqueue(ctx, {
    type: "update",
    from: sql`(select box_id as id, ${clusterId}::text as cluster_id, generation, found from decided where verdict = 'repairing')`,
    audit: { action: "box.drift", detail: sql`jsonb_build_object('job', j.id, 'found', b.found)` },
  })}, counted as (
    update box_health h set drift_repaired_at = ${now}, drift_repairs = case
        when h.drift_repaired_at > ${moment(new Date(ctx.now().getTime() - NEW_DRIFT_MS))} then h.drift_repairs + 1 else 1 end
    from job where h.box_id = job.box_id
  )
  select d.box_id, d.verdict, job.id, job.seq from decided d left join job on job.box_id = d.box_id`;
}

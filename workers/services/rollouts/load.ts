/** Loads a rollout and its cluster's boxes. */
import { eq, sql } from "drizzle-orm";
import { clusters, rollouts } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Ctx } from "../../context.ts";
import { reasonOf } from "../health/reason-of.ts";
import { moment } from "../sql.ts";
import { type BoxRow, toBoxState } from "./box-state.ts";
import type { Situation } from "./plan.ts";

/** A shorter failure may be part of the box's own restart. */
const PASSING_MS = 30_000;

export type RolloutRow = typeof rollouts.$inferSelect;

/** Throws `not_found`. */
export async function findRollout(ctx: Ctx, id: string): Promise<RolloutRow> {
  const [row] = await ctx.db.select().from(rollouts).where(eq(rollouts.id, id));
  if (!row) throw new AppError("not_found", "There is no such rollout");
  return row;
}

export async function loadSituation(ctx: Ctx, row: RolloutRow): Promise<Situation> {
  const [boxes, agents] = await ctx.db.batch([
    ctx.db.execute(boxesOf(ctx, row)),
    ctx.db.select({ lastSeenAt: clusters.lastSeenAt }).from(clusters).where(eq(clusters.id, row.clusterId)),
  ]);
  return {
    rollout: {
      ...row,
      waveDoneAt: row.waveDoneAt?.getTime(),
      soakMs: row.soakSeconds * 1_000,
    },
    boxes: (boxes.rows as unknown as BoxRow[]).map(toBoxState),
    agentSeenAt: agents[0]?.lastSeenAt?.getTime(),
    now: ctx.now().getTime(),
  };
}

/** One row a live box: its state, its move in this rollout, and its open jobs. */
const boxesOf = (ctx: Ctx, { id, clusterId, toImageId, createdAt }: RolloutRow) => sql`
  with open as (
    select box_id, count(*)::int as jobs,
      max(attempt - case when status = 'running' then 1 else 0 end)::int as failed_attempts,
      (array_agg(error_code order by seq))[1] as error_code, (array_agg(error_message order by seq))[1] as error_message
    from operator_jobs where cluster_id = ${clusterId} and status in ('queued', 'running') group by box_id
  )
  select b.id, b.status, b.desired_status, h.state as health, ${reasonOf} as status_reason,
    (b.customer_id is null or o.first) as first,
    b.created_at <= ${moment(createdAt)} as older,
    b.image_id is not distinct from ${toImageId}::uuid as on_new,
    coalesce(open.jobs, 0) as jobs, coalesce(open.failed_attempts, 0) as failed_attempts, open.error_code, open.error_message,
    m.wave, m.was_well, m.restored_generation is not null as restored,
    b.observed_generation >= coalesce(m.restored_generation, m.generation) as reached,
    h.unhealthy_since > ${moment(new Date(ctx.now().getTime() - PASSING_MS))} as passing,
    h.auto_restarted_at > coalesce(m.restored_at, m.moved_at) as restarted
  from boxes b join box_health h on h.box_id = b.id join box_rollouts o on o.box_id = b.id
  left join rollout_boxes m on m.rollout_id = ${id} and m.box_id = b.id
  left join open on open.box_id = b.id
  where b.cluster_id = ${clusterId} and b.status <> 'destroyed' and b.desired_status <> 'destroyed'`;

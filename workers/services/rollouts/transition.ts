/** The steps of a rollout's row. Each is conditional, so it is taken at most once. */
import { type SQL, sql } from "drizzle-orm";
import type { RolloutStatus } from "#schema/domain/states.ts";
import type { Ctx } from "../../context.ts";
import { actorName } from "../../contracts/actor.ts";
import { auditFrom, moment } from "../sql.ts";
import type { RolloutRow } from "./load.ts";

type Here = Pick<RolloutRow, "id" | "wave">;

/** Whether the step was taken by this call. */
async function step(ctx: Ctx, id: string, condition: SQL, set: SQL, more: { action?: string; also?: SQL } = {}) {
  const now = moment(ctx.now());
  const audit = more.action
    ? sql`, audit as (${auditFrom(ctx, sql`done`, `rollout.${more.action}`, sql`id::text`, {})})`
    : sql``;
  const { rows } = await ctx.db.execute(sql`with done as (
    update rollouts set ${set}, updated_at = ${now} where id = ${id} and ${condition} returning id, cluster_id, to_image_id
  )${audit}${more.also ?? sql``} select id from done`);
  return rows.length > 0;
}

/** The last box of the wave is done: its soak begins now. */
export const beginSoak = (ctx: Ctx, { id, wave }: Here): Promise<boolean> =>
  step(
    ctx,
    id,
    sql`status = 'running' and wave = ${wave} and wave_done_at is null`,
    sql`wave_done_at = ${moment(ctx.now())}`,
  );

export const beginNextWave = (ctx: Ctx, { id, wave }: Here): Promise<boolean> =>
  step(
    ctx,
    id,
    sql`status = 'running' and wave = ${wave} and wave_done_at is not null`,
    sql`wave = wave + 1, wave_done_at = null`,
  );

/** The new image becomes the cluster's in the same statement. */
export const finish = (ctx: Ctx, { id, wave }: Here): Promise<boolean> =>
  step(ctx, id, sql`status = 'running' and wave = ${wave} and wave_done_at is not null`, sql`status = 'finishing'`, {
    action: "finish",
    also: sql`, of_cluster as (
      update clusters c set image_id = done.to_image_id from done where c.id = done.cluster_id
    )`,
  });

export const rollBack = (ctx: Ctx, id: string, reason: string): Promise<boolean> =>
  step(
    ctx,
    id,
    sql`status in ('running', 'paused')`,
    sql`status = 'rolling_back', reason = ${reason}, stopped_by = ${actorName(ctx.actor)}`,
    { action: "roll-back" },
  );

export const pause = (ctx: Ctx, id: string): Promise<boolean> =>
  step(ctx, id, sql`status = 'running'`, sql`status = 'paused'`, { action: "pause" });

export const resume = (ctx: Ctx, id: string): Promise<boolean> =>
  step(ctx, id, sql`status = 'paused'`, sql`status = 'running'`, { action: "resume" });

/** Not while a box is left on the wrong image: one may have changed since the check. */
export function end(ctx: Ctx, { id }: Here, status: Extract<RolloutStatus, "succeeded" | "rolled_back">) {
  const set = sql`status = ${status}::rollout_status, finished_at = ${moment(ctx.now())}`;
  return status === "succeeded"
    ? step(ctx, id, sql`status = 'finishing' and not exists (${boxesOnOld})`, set, { action: "succeeded" })
    : step(ctx, id, sql`status = 'rolling_back' and not exists (${boxesOnNew})`, set, { action: "rolled-back" });
}

const LIVE = sql`b.status <> 'destroyed' and b.desired_status <> 'destroyed'`;

const boxesOnOld = sql`select from boxes b where b.cluster_id = rollouts.cluster_id and ${LIVE}
  and b.image_id is distinct from rollouts.to_image_id`;

const boxesOnNew = sql`select from rollout_boxes m join boxes b on b.id = m.box_id
  where m.rollout_id = rollouts.id and m.restored_at is null and ${LIVE} and b.image_id is not distinct from rollouts.to_image_id`;

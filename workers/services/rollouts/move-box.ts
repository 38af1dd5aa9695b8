/** Moves a box to the new image: one statement, without effect if the rollout or the box has changed since. */

import { type SQL, sql } from "drizzle-orm";
import type { Ctx } from "../../context.ts";
import type { Offer } from "../../contracts/mailbox.ts";
import { offerOf } from "../jobs/enqueue.ts";
import { moment } from "../sql.ts";
import type { RolloutRow } from "./load.ts";
import { rolloutJob } from "./rollout-job.ts";

/** The job that was made for it. */
export async function moveBox(ctx: Ctx, rollout: RolloutRow, boxId: string): Promise<Offer | undefined> {
  const { rows } = await ctx.db.execute(statement(ctx, rollout, boxId));
  // In the background: it must not delay jobs that somebody waits for.
  return rows[0] && offerOf(ctx, rows[0], { background: true });
}

/**
 * Locks the rollout's row before the box, so that stopping the rollout waits for open moves and sees them. A box
 * with another job is left for later, so that no job is superseded.
 */
function statement(ctx: Ctx, { id, wave, toImageId }: RolloutRow, boxId: string): SQL {
  const now = moment(ctx.now());
  return sql`with r as (
    select id, to_image_id, wave from rollouts
    where id = ${id} and wave = ${wave} and status in ('running', 'finishing') for share
  ), changed as (
    update boxes b set image_id = r.to_image_id, generation = b.generation + 1, updated_at = ${now}
    from r, boxes before join box_health h on h.box_id = before.id
    where b.id = ${boxId} and before.id = b.id and b.image_id is distinct from r.to_image_id
      and b.desired_status <> 'destroyed' and b.status not in ('destroyed', 'pending', 'provisioning')
      and not exists (select from operator_jobs j where j.box_id = b.id and j.status in ('queued', 'running'))
    returning b.id, b.cluster_id, b.generation, r.wave, before.image_id as from_image_id,
      b.desired_status = 'active' and b.status <> 'failed' and h.state <> 'unhealthy' as was_well
  ), member as (
    insert into rollout_boxes (rollout_id, box_id, wave, from_image_id, was_well, generation, moved_at)
    select ${id}::uuid, id, wave, from_image_id, was_well, generation, ${now} from changed
    on conflict (rollout_id, box_id) do update set generation = excluded.generation, moved_at = excluded.moved_at
  ), ${rolloutJob(ctx, id, { rollout: id, image: toImageId })}
  select id, box_id, seq from job`;
}

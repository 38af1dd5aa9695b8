/** Moves a box back to its previous image: one statement, without effect if that was done already. */

import { type SQL, sql } from "drizzle-orm";
import type { Ctx } from "../../context.ts";
import type { Offer } from "../../contracts/mailbox.ts";
import { offerOf } from "../jobs/enqueue.ts";
import { moment } from "../sql.ts";
import type { RolloutRow } from "./load.ts";
import { rolloutJob } from "./rollout-job.ts";

export interface Restored {
  offer: Offer;
  /** The job that was moving the box to the new image: it is cancelled. */
  endedJob: string | undefined;
}

export async function restoreBox(ctx: Ctx, rollout: RolloutRow, boxId: string): Promise<Restored | undefined> {
  const { rows } = await ctx.db.execute(statement(ctx, rollout, boxId));
  const [row] = rows;
  if (!row) return undefined;
  return { offer: offerOf(ctx, row), endedJob: row.ended === null ? undefined : String(row.ended) };
}

/** Ends the move's job (one a generation) even while it runs: it may wait for minutes for a gateway that never starts. */
function statement(ctx: Ctx, { id }: RolloutRow, boxId: string): SQL {
  const now = moment(ctx.now());
  return sql`with r as (
    select id, to_image_id from rollouts where id = ${id} and status = 'rolling_back' for share
  ), changed as (
    update boxes b set image_id = m.from_image_id, generation = b.generation + 1, updated_at = ${now}
    from r join rollout_boxes m on m.rollout_id = r.id and m.box_id = ${boxId}
    where b.id = m.box_id and m.restored_at is null and b.image_id is not distinct from r.to_image_id
      and b.desired_status <> 'destroyed' and b.status <> 'destroyed'
    returning b.id, b.cluster_id, b.generation, m.generation as moved_generation
  ), member as (
    update rollout_boxes m set restored_generation = changed.generation, restored_at = ${now}
    from changed where m.rollout_id = ${id} and m.box_id = changed.id
  ), ended as (
    update operator_jobs j set status = 'superseded', lease_until = null, finished_at = ${now}
    from changed where j.box_id = changed.id and j.generation = changed.moved_generation and j.type = 'update'
      and j.status in ('queued', 'running')
    returning j.id
  ), ${rolloutJob(ctx, id, { rollout: id, restored: true })}
  select id, box_id, seq, (select id from ended limit 1) as ended from job`;
}

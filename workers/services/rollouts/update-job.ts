import { type SQL, sql } from "drizzle-orm";
import type { Ctx } from "../../context.ts";
import type { Offer } from "../../contracts/mailbox.ts";
import { moment } from "../sql.ts";

/** A part of a statement: the job for the box in its part `changed`. Nobody asked for it but the rollout. */
export function updateJob(ctx: Ctx, jobId: string, rolloutId: string): SQL {
  const now = moment(ctx.now());
  return sql`insert into operator_jobs (id, box_id, cluster_id, type, generation, requested_by, available_at, created_at)
    select ${jobId}::uuid, id, cluster_id, 'update', generation, ${`rollout:${rolloutId}`}, ${now}, ${now} from changed
    returning id, box_id, seq`;
}

export const toOffer = (ctx: Ctx, row: Record<string, unknown>): Offer => ({
  jobId: String(row.id),
  boxId: String(row.box_id),
  seq: Number(row.seq),
  availableAt: ctx.now().getTime(),
});

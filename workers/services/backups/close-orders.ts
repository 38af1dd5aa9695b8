import { type SQL, sql } from "drizzle-orm";
import type { Ctx } from "../../context.ts";
import { moment } from "../sql.ts";

/**
 * Parts of a statement that ends jobs: they end those jobs' backup and restore orders. `jobs` names the part that
 * returns the jobs (id, box_id, type). A box that was made from a backup still waits for it.
 */
export const closeOrders = (ctx: Ctx, jobs: SQL, reason: string): SQL => sql`closed_backups as (
    update backups k set status = 'failed', reason = coalesce(k.attempt_reason, ${reason}) from ${jobs} ended
    where k.job_id = ended.id and k.status = 'pending'
  ), closed_restores as (
    update restores r set status = 'failed', reason = coalesce(r.attempt_reason, ${reason}), finished_at = ${moment(ctx.now())}
    from ${jobs} ended where r.box_id = ended.box_id and ended.type <> 'backup' and r.status = 'pending' and not r.is_origin
  )`;

/** The same for backups alone: the box's newer job carries an open restore. */
export const closeBackups = (jobs: SQL): SQL => sql`closed_backups as (
    update backups k set status = 'failed', reason = 'Another change of the box came in between' from ${jobs} ended
    where k.job_id = ended.id and k.status = 'pending'
  )`;

/** A job's end also ends its backup, in one statement. This closes any order that was missed. */
import { sql } from "drizzle-orm";
import type { Ctx } from "../../context.ts";
import { moment } from "../sql.ts";

export async function settleBackups(ctx: Ctx): Promise<void> {
  await ctx.db.execute(sql`update backups k set status = 'failed',
      reason = coalesce(k.attempt_reason, j.error_message, 'Its job ended without a backup')
    from operator_jobs j where j.id = k.job_id and k.status = 'pending' and j.finished_at is not null`);
}

export async function settleRestores(ctx: Ctx): Promise<void> {
  await ctx.db.execute(sql`update restores r set status = 'failed', finished_at = ${moment(ctx.now())},
      reason = coalesce(r.attempt_reason, 'The box is destroyed')
    from boxes b where b.id = r.box_id and r.status = 'pending' and b.status = 'destroyed'`);
}

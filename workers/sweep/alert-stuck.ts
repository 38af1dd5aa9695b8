/** The alert that a job is not getting anywhere: a log line of level `error` and kind `job_stuck`, each minute it lasts. */
import { sql } from "drizzle-orm";
import type { Ctx } from "../context.ts";
import { createLog } from "../log.ts";
import { moment } from "../services/sql.ts";

/** Within this time every job ends or somebody is told. */
const STUCK_MS = 15 * 60_000;

/** One line a cluster: how many jobs could have run so long ago and wait still, and the oldest of them. */
export async function alertStuck(ctx: Ctx, write?: (line: string) => void): Promise<void> {
  const before = moment(new Date(ctx.now().getTime() - STUCK_MS));
  const { rows } =
    await ctx.db.execute(sql`select cluster_id, count(*)::int as count, (array_agg(id order by seq))[1] as oldest
    from operator_jobs where status = 'queued' and available_at <= ${before} group by cluster_id`);
  for (const { cluster_id, count, oldest } of rows) {
    const log = createLog("job_stuck", ctx.requestId, write);
    log.set({ cluster_id: String(cluster_id), count: Number(count), job_id: String(oldest) });
    log.emit("error");
  }
}

import type { Ctx } from "../../context.ts";
import { createLog } from "../../log.ts";

/**
 * Tells QStash of a queued job, after the answer is sent. A failure costs time, never the job: its row stays
 * queued and the sweeper offers it.
 */
export function wakeJob(ctx: Ctx, job: { id: string; box_id: string; cluster_id: string; attempt: number }): void {
  const message = { job_id: job.id, box_id: job.box_id, cluster_id: job.cluster_id };
  ctx.defer(
    ctx.qstash.wake(message, job.attempt).catch((error: unknown) => {
      const log = createLog("wake", ctx.requestId);
      log.set({ job_id: job.id, box_id: job.box_id, cluster_id: job.cluster_id, outcome: "left to the sweeper" });
      log.error(error);
      log.emit("warn");
    }),
  );
}

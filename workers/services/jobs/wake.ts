import type { Ctx } from "../../context.ts";
import type { Offer } from "../../contracts/mailbox.ts";
import { logError } from "../../log.ts";
import { makeOffer } from "./make-offer.ts";
import { notifyMailbox } from "./notify-mailbox.ts";
import type { JobRow } from "./view-job.ts";

type Queued = Pick<JobRow, "id" | "boxId" | "clusterId" | "seq" | "availableAt" | "attempt">;

/**
 * Tells of a queued job, after the answer is sent: the mailbox directly, because a person waits, and QStash, which comes
 * again where that failed. The second to arrive changes nothing. Should both fail, the job's row stays queued and the
 * sweeper offers it: a failure costs time, never the job.
 */
export function wakeJob(ctx: Ctx, job: Queued, { background = false }: Pick<Offer, "background"> = {}): void {
  const { id: jobId, boxId, clusterId } = job;
  ctx.defer(notifyMailbox(ctx, clusterId, (mailbox) => mailbox.offer([makeOffer(job, background)])));
  const message = { job_id: jobId, box_id: boxId, cluster_id: clusterId };
  ctx.defer(
    ctx.qstash.wake(message, job.attempt).catch((error: unknown) => {
      logError("wake", ctx.requestId, error, { ...message, outcome: "left to the sweep" }, "warn");
    }),
  );
}

import type { Call } from "../../context.ts";
import type { Expired } from "../../contracts/mailbox.ts";
import { requireSystem } from "../access.ts";
import { findJob } from "./load.ts";
import { isBackground, makeOffer } from "./make-offer.ts";
import { type Attempt, requeue } from "./requeue.ts";

/**
 * Takes a job back whose lease has run out, or that its agent has abandoned. Doing it twice, or for a job that moved on,
 * changes nothing.
 */
export async function expireJob({
  ctx,
  input,
}: Call<{ jobId: string; fence: number; abandoned?: boolean }>): Promise<Expired> {
  requireSystem(ctx);
  const found = await findJob(ctx, input.jobId);
  if (found?.job.status !== "running" || found.job.fence !== input.fence) return { kind: "gone" };
  const leaseUntil = found.job.leaseUntil?.getTime() ?? 0;
  if (!input.abandoned && leaseUntil > ctx.now().getTime()) return { kind: "extended", leaseUntil };
  const back = await requeue(ctx, found, input.abandoned ? ABANDONED : EXPIRED);
  if (back.kind !== "queued") return back;
  return { kind: "queued", offer: makeOffer({ ...found.job, ...back }, isBackground(found.box)) };
}

const EXPIRED: Attempt = {
  code: "lease_expired",
  message: "The fleet-agent stopped responding during this job",
  retryable: true,
  onlyIfExpired: true,
};

/** Tried again after a growing wait: a job that kills its agent must not keep it from all others. */
const ABANDONED: Attempt = {
  code: "agent_restarted",
  message: "The fleet-agent was restarted during this job",
  retryable: true,
};

/** Jobs in words. */
import type { Job } from "#schema/contracts/internal.ts";
import { JOB_TRANSITIONS, type JobStatus, type JobType } from "#schema/domain/states.ts";
import type { Tone } from "../ui/badge.tsx";

export const JOB_NAMES: Readonly<Record<JobType, string>> = {
  provision: "Provision",
  destroy: "Destroy",
  suspend: "Suspend",
  reactivate: "Reactivate",
  resize: "Change the plan",
  update: "Update",
  update_connections: "Update connections",
  restart: "Restart",
  rotate_token: "Rotate the token",
  backup: "Back up",
  restore: "Restore a backup",
};

export const JOB_TONES: Readonly<Record<JobStatus, Tone>> = {
  queued: "warn",
  running: "warn",
  succeeded: "good",
  dead: "bad",
  cancelled: "plain",
  superseded: "plain",
};

/** `dead` may be retried by an operator, but not automatically. */
export const isFinal = (status: JobStatus): boolean => !["queued", "running"].includes(status);

export const jobVerbs = (status: JobStatus): ("retry" | "cancel")[] => {
  const to = JOB_TRANSITIONS[status];
  return [
    ...(status === "dead" ? (["retry"] as const) : []),
    ...(to.includes("cancelled") ? (["cancel"] as const) : []),
  ];
};

export function jobSentence(job: Job): string {
  switch (job.status) {
    case "queued":
      return job.attempt > 0
        ? `Attempt ${job.attempt} failed; the next one follows.`
        : "Waiting for the fleet agent to take it.";
    case "running":
      return job.attempt > 1 ? `Under way, attempt ${job.attempt}.` : "Under way.";
    case "succeeded":
      return "Done.";
    case "dead":
      return "Given up. A person must look.";
    case "cancelled":
      return "Cancelled.";
    case "superseded":
      return "A newer job of this box covers it.";
    default:
      return job.status satisfies never;
  }
}

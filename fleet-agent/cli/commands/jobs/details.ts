import type { Job } from "#schema/contracts/internal.ts";
import { adviceOn } from "#schema/domain/reasons/catalogue.ts";
import { age } from "../age.ts";
import { details, printable } from "../table.ts";

export function jobDetails(job: Job): string {
  const head = details([
    ["job", job.id],
    ["type", job.type],
    ["status", job.status],
    ["why", job.error_message && `${job.error_message} (${job.error_code ?? "no code"})`],
    ["means", adviceOn(job.error_code)?.means],
    ["to do", adviceOn(job.error_code)?.todo],
    ["box", `${job.box_id}, generation ${job.generation}`],
    ["cluster", job.cluster_id],
    ["attempts", String(job.attempt)],
    ["asked by", job.requested_by],
    ["asked", `${job.created_at} (${age(job.created_at)} ago)`],
    ["started", job.started_at],
    ["ended", job.finished_at],
  ]);
  const steps = job.steps.map(({ at, step, message }) => `  ${at.slice(11, 19)}  ${printable(`${step}: ${message}`)}`);
  return steps.length > 0 ? [head, "steps", ...steps].join("\n") : head;
}

import type { Job } from "#schema/contracts/internal.ts";
import type { operatorJobs } from "#schema/db/schema.ts";

export type JobRow = typeof operatorJobs.$inferSelect;

export function viewJob(job: JobRow): Job {
  return {
    id: job.id,
    box_id: job.boxId,
    cluster_id: job.clusterId,
    type: job.type,
    status: job.status,
    generation: job.generation,
    attempt: job.attempt,
    steps: job.steps,
    error_code: job.errorCode,
    error_message: job.errorMessage,
    requested_by: job.requestedBy,
    created_at: job.createdAt.toISOString(),
    started_at: job.startedAt?.toISOString() ?? null,
    finished_at: job.finishedAt?.toISOString() ?? null,
  };
}

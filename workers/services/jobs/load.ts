import { eq } from "drizzle-orm";
import { boxes, operatorJobs } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Ctx } from "../../context.ts";
import { ownCluster } from "../access.ts";
import type { BoxRow } from "../boxes/owned-box.ts";
import type { JobRow } from "./view-job.ts";

export interface JobWithBox {
  job: JobRow;
  box: BoxRow;
}

/** The job and its box as they are now; undefined where there is no such job. */
export async function findJob(ctx: Ctx, jobId: string): Promise<JobWithBox | undefined> {
  const [row] = await ctx.db
    .select({ job: operatorJobs, box: boxes })
    .from(operatorJobs)
    .innerJoin(boxes, eq(boxes.id, operatorJobs.boxId))
    .where(eq(operatorJobs.id, jobId));
  return row;
}

/**
 * The job that the agent who asks holds under this fence. Throws `forbidden` for anybody else, `not_found` for an unknown job or one of
 * another cluster, `lease_lost` where somebody else holds it or nobody does.
 */
export async function ownJob(ctx: Ctx, input: { jobId: string; fence: number }): Promise<JobWithBox> {
  const { clusterId } = ownCluster(ctx);
  const found = await findJob(ctx, input.jobId);
  if (!found || found.job.clusterId !== clusterId) throw new AppError("not_found", "There is no such job");
  ctx.log.set({ job_id: input.jobId, box_id: found.box.id, job_type: found.job.type, fence: input.fence });
  if (found.job.status !== "running" || found.job.fence !== input.fence) throw leaseLost();
  return found;
}

export const leaseLost = (): AppError => new AppError("lease_lost", "You no longer hold this job: stop writing");

import { eq } from "drizzle-orm";
import type { Job } from "#schema/contracts/internal.ts";
import { operatorJobs } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Call } from "../../context.ts";
import { viewJob } from "./view-job.ts";

/** Throws `not_found`. */
export async function getJob({ ctx, input }: Call<{ jobId: string }>): Promise<Job> {
  const [row] = await ctx.db.select().from(operatorJobs).where(eq(operatorJobs.id, input.jobId));
  if (!row) throw new AppError("not_found", "There is no such job");
  return viewJob(row);
}

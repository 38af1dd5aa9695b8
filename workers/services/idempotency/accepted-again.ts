import { eq } from "drizzle-orm";
import type { Accepted } from "#schema/contracts/internal.ts";
import { boxes, operatorJobs } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Ctx } from "../../context.ts";
import { selectBoxes, viewBox } from "../boxes/view-box.ts";
import { viewJob } from "../jobs/view-job.ts";
import { idFor } from "./once.ts";

/** The job that this request made when it was first sent, with its box, as of now. */
export async function acceptedAgain({ ctx }: { ctx: Ctx }): Promise<Accepted> {
  const jobId = await idFor(ctx, "job");
  const [[job], [box]] = await ctx.db.batch([
    ctx.db.select().from(operatorJobs).where(eq(operatorJobs.id, jobId)),
    selectBoxes(ctx).innerJoin(operatorJobs, eq(operatorJobs.boxId, boxes.id)).where(eq(operatorJobs.id, jobId)),
  ]);
  if (!job || !box) throw new AppError("not_found", "The object that this request created no longer exists");
  return { box: viewBox(box), job: viewJob(job) };
}

import { eq, sql } from "drizzle-orm";
import type { Job } from "#schema/contracts/internal.ts";
import { operatorJobs } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Call } from "../../context.ts";
import { requireScope } from "../access.ts";
import { keyFrom, once } from "../idempotency/once.ts";
import { auditFrom, moment } from "../sql.ts";
import { getJob } from "./get.ts";
import { findJob } from "./load.ts";
import { isBackground } from "./make-offer.ts";
import { viewJob } from "./view-job.ts";
import { wakeJob } from "./wake.ts";

/** Queues a dead job again. Throws `not_found`, `conflict`. */
export async function retryJob(call: Call<{ jobId: string }>): Promise<Job> {
  requireScope(call.ctx, "jobs:write");
  return once(call, retry, getJob);
}

async function retry({ ctx, input }: Call<{ jobId: string }>): Promise<Job> {
  const found = await findJob(ctx, input.jobId);
  if (!found) throw new AppError("not_found", "There is no such job");
  if (found.job.status !== "dead") {
    throw new AppError("conflict", `This job is ${found.job.status}: only a dead job can be retried`);
  }
  if (found.box.status === "destroyed") throw new AppError("conflict", "The box of this job is destroyed");
  const now = moment(ctx.now());
  const [done, rows] = await ctx.db.batch([
    ctx.db.execute(sql`with queued as (
      update operator_jobs set status = 'queued', finished_at = null, available_at = ${now},
        error_code = null, error_message = null
      where id = ${input.jobId} and status = 'dead' returning id
    ), key as (${keyFrom(ctx, sql`queued`)}), audit as (${auditFrom(ctx, sql`queued`, "job.retry", sql`id::text`, {})})
    select id from queued`),
    ctx.db.select().from(operatorJobs).where(eq(operatorJobs.id, input.jobId)),
  ]);
  const [row] = rows;
  if (done.rows.length === 0 || !row) throw new AppError("conflict", "This job was changed at the same time");
  wakeJob(ctx, row, { background: isBackground(found.box) });
  return viewJob(row);
}

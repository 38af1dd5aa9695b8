import { eq, type SQL, sql } from "drizzle-orm";
import type { Job } from "#schema/contracts/internal.ts";
import { operatorJobs } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import { leavesBoxAsIs } from "#schema/domain/jobs.ts";
import { BOX_TRANSITIONS, type BoxStatus, canMove } from "#schema/domain/states.ts";
import type { Call, Ctx } from "../../context.ts";
import { actorName } from "../../contracts/actor.ts";
import { requireScope } from "../access.ts";
import { closeOrders } from "../backups/close-orders.ts";
import { keyFrom, once } from "../idempotency/once.ts";
import { auditFrom, moment } from "../sql.ts";
import { getJob } from "./get.ts";
import { findJob, type JobWithBox } from "./load.ts";
import { ANY_FENCE, notifyMailbox } from "./notify-mailbox.ts";
import { viewJob } from "./view-job.ts";

/**
 * Ends a queued or running job; an agent that works on it is told to stop. What is desired of the box stays as it
 * is: a restart, a reactivation or a destroy takes it on from here. Throws `not_found`, `conflict`.
 */
export async function cancelJob(call: Call<{ jobId: string }>): Promise<Job> {
  requireScope(call.ctx, "jobs:write");
  return once(call, cancel, getJob);
}

async function cancel({ ctx, input }: Call<{ jobId: string }>): Promise<Job> {
  const found = await findJob(ctx, input.jobId);
  if (!found) throw new AppError("not_found", "There is no such job");
  const { status, clusterId, type } = found.job;
  if (status !== "queued" && status !== "running") {
    throw new AppError("conflict", `This job is ${status}: only a queued or running job can be cancelled`);
  }
  // Nothing else can be asked of such a box: without its job it would stay half removed for ever.
  if (type === "destroy") throw new AppError("conflict", "A destroy job can't be cancelled: let it run");
  const [done, rows] = await ctx.db.batch([
    ctx.db.execute(statement(ctx, found)),
    ctx.db.select().from(operatorJobs).where(eq(operatorJobs.id, input.jobId)),
  ]);
  const [row] = rows;
  if (done.rows.length === 0 || !row) throw new AppError("conflict", "This job was changed at the same time");
  await notifyMailbox(ctx, clusterId, (mailbox) => mailbox.abort(input.jobId, ANY_FENCE));
  return viewJob(row);
}

function statement(ctx: Ctx, { job, box }: JobWithBox): SQL {
  const now = moment(ctx.now());
  const next = leavesBoxAsIs(job.type) ? box.status : statusAfter(box.status, job.status === "running");
  const reason = `The ${job.type} job was cancelled by ${actorName(ctx.actor)}; restart or destroy the box`;
  // The box's row is locked first, as by every change and claim: the other way round they would wait for each other.
  return sql`with locked as (
    select id from boxes where id = ${box.id} for update
  ), cancelled as (
    update operator_jobs j set status = 'cancelled', lease_until = null, finished_at = ${now} from locked
    where j.id = ${job.id} and j.box_id = locked.id and j.status = ${job.status}::job_status returning j.id, j.box_id, j.type
  ), ${closeOrders(ctx, sql`cancelled`, "Its job was cancelled")}, told as (
    update boxes b set status = ${next}::box_status, status_reason = ${reason}, updated_at = ${now}
    from cancelled where b.id = cancelled.box_id and b.status = ${box.status}::box_status and b.status <> ${next}::box_status
  ), key as (${keyFrom(ctx, sql`cancelled`)}), audit as (${auditFrom(ctx, sql`cancelled`, "job.cancel", sql`id::text`, { box: box.id })})
  select id from cancelled`;
}

/** A box whose work was cut off, or never began, has failed; one that only waited stays as it is. */
function statusAfter(status: BoxStatus, wasRunning: boolean): BoxStatus {
  const cutOff = wasRunning || status === "pending";
  return cutOff && canMove(BOX_TRANSITIONS, status, "failed") ? "failed" : status;
}

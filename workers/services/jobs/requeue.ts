/** A job whose attempt did not succeed: tried again later, dead and its box failed, or ended for a newer one. */

import { type SQL, sql } from "drizzle-orm";
import { leavesBoxAsIs, MAX_ATTEMPTS, retryDelayMs } from "#schema/domain/jobs.ts";
import { isOfBackup } from "#schema/domain/reasons/catalogue.ts";
import { BOX_TRANSITIONS, type BoxStatus, canMove, type JobType } from "#schema/domain/states.ts";
import type { Ctx } from "../../context.ts";
import type { Requeued } from "../../contracts/mailbox.ts";
import { closeOrders } from "../backups/close-orders.ts";
import { auditFrom, moment } from "../sql.ts";
import type { JobWithBox } from "./load.ts";
import { supersede } from "./supersede.ts";

export interface Attempt {
  code: string;
  message: string;
  retryable: boolean;
  /** Only where the lease has run out by now: an agent may have extended it meanwhile. */
  onlyIfExpired?: boolean;
}

/** The edge asked its agent to end it, and whatever should have followed is not wanted any more: it goes on. */
export const STOPPED: Attempt = {
  code: "stopped",
  message: "The job was ended for a newer one, which was taken back",
  retryable: true,
};

/** An operator's retry gives a dead job another MAX_ATTEMPTS. */
export const isLastAttempt = (attempt: number): boolean => attempt > 0 && attempt % MAX_ATTEMPTS === 0;

const attemptOfRound = (attempt: number): number => ((attempt - 1) % MAX_ATTEMPTS) + 1;

export async function requeue(ctx: Ctx, { job, box }: JobWithBox, failed: Attempt): Promise<Requeued> {
  const now = ctx.now();
  const held = sql`j.id = ${job.id} and j.fence = ${job.fence} and j.status = 'running'
    ${failed.onlyIfExpired ? sql`and j.lease_until <= ${moment(now)}` : sql``}`;
  if (await supersede(ctx, held, failed === STOPPED ? undefined : failed)) return { kind: "superseded" };
  if (failed === STOPPED || (failed.retryable && !isLastAttempt(job.attempt))) {
    // An expired lease has waited long enough.
    const delay = failed.onlyIfExpired || failed === STOPPED ? 0 : retryDelayMs(attemptOfRound(job.attempt));
    const availableAt = new Date(now.getTime() + delay);
    const done = await ctx.db.execute(queueAgain(held, availableAt, failed, job.type));
    return done.rows.length > 0 ? { kind: "queued", availableAt: availableAt.getTime() } : { kind: "unchanged" };
  }
  const done = await ctx.db.execute(bury(ctx, held, { job, box }, failed));
  return done.rows.length > 0 ? { kind: "dead" } : { kind: "unchanged" };
}

function queueAgain(held: SQL, availableAt: Date, { code, message }: Attempt, type: JobType): SQL {
  return sql`with back as (
    update operator_jobs j set status = 'queued', lease_until = null, available_at = ${moment(availableAt)},
      error_code = ${code}, error_message = ${message}
    where ${held} returning j.id, j.box_id
  ), told as (
    update boxes b set status_reason = ${message} from back where b.id = back.box_id and ${!leavesBoxAsIs(type)}
  )
  select id from back`;
}

function bury(ctx: Ctx, held: SQL, { job, box }: JobWithBox, { code, message }: Attempt): SQL {
  const now = moment(ctx.now());
  const { status } = box;
  const next = statusAfter(box, code);
  return sql`with dead as (
    update operator_jobs j set status = 'dead', lease_until = null, finished_at = ${now},
      error_code = ${code}, error_message = ${message}
    where ${held} returning j.id, j.box_id, j.type
  ), ${closeOrders(ctx, sql`dead`, message)}, told as (
    update boxes b set status = case when b.status = ${status}::box_status then ${next}::box_status else b.status end,
      status_reason = ${message}, updated_at = ${now}
    from dead where b.id = dead.box_id and ${!leavesBoxAsIs(job.type)}
  ), audit as (${auditFrom(ctx, sql`dead`, "job.dead", sql`id::text`, { code })})
  select id from dead`;
}

/** A box that could not be given a backup's memory goes on with the one it has, if it ever had one. */
function statusAfter({ status, observedGeneration }: JobWithBox["box"], code: string): BoxStatus {
  const next = isOfBackup(code) && observedGeneration > 0 ? "active" : "failed";
  return canMove(BOX_TRANSITIONS, status, next) ? next : status;
}

import { type SQL, sql } from "drizzle-orm";
import { LEASE_MS } from "#schema/domain/jobs.ts";
import type { Call, Ctx } from "../../context.ts";
import type { Claim } from "../../contracts/mailbox.ts";
import { postgresError } from "../../integrations/postgres-error.ts";
import { requireSystem } from "../access.ts";
import { statusWhile } from "../boxes/status-while.ts";
import { moment } from "../sql.ts";
import { findJob, type JobWithBox } from "./load.ts";

/** How long a job waits that another job of its box blocks. */
const BLOCKED_MS = 5_000;

/** Takes a queued job for the agents of a cluster: a new fence of the box and a lease, or nothing at all. */
export async function claimJob({ ctx, input }: Call<{ jobId: string; clusterId: string }>): Promise<Claim> {
  requireSystem(ctx);
  const found = await findJob(ctx, input.jobId);
  if (found?.job.status !== "queued" || found.job.clusterId !== input.clusterId) return { kind: "gone" };
  const now = ctx.now();
  if (found.job.availableAt > now) return { kind: "later", at: found.job.availableAt.getTime() };
  const leaseUntil = new Date(now.getTime() + LEASE_MS);
  const fence = await take(ctx, claimStatement(found, now, leaseUntil));
  if (fence === undefined) return { kind: "later", at: now.getTime() + BLOCKED_MS };
  const { id, boxId, type, attempt } = found.job;
  const grant = { job_id: id, box_id: boxId, type, attempt: attempt + 1, fence, lease_until: leaseUntil.getTime() };
  return { kind: "granted", grant };
}

async function take(ctx: Ctx, statement: SQL): Promise<number | undefined> {
  try {
    const { rows } = await ctx.db.execute(statement);
    return rows[0] && Number(rows[0].fence);
  } catch (error) {
    // Two claims for one box at the same moment: the index lets one through.
    if (postgresError(error)?.constraint === "operator_jobs_one_running_per_box") return undefined;
    throw error;
  }
}

/** Locks the box first, as every change of a box does. */
function claimStatement({ job, box }: JobWithBox, now: Date, leaseUntil: Date): SQL {
  return sql`with target as (
    select b.id, j.id as job_id from boxes b join operator_jobs j on j.box_id = b.id
    where j.id = ${job.id} and j.status = 'queued' and b.generation = ${box.generation} and b.status = ${box.status}::box_status
      and not exists (select from operator_jobs o where o.box_id = b.id and o.id <> j.id
        and (o.status = 'running' or (o.status = 'queued' and o.seq < j.seq)))
    for update
  ), fenced as (
    update boxes set fence = boxes.fence + 1, status = ${statusWhile(box, job.type)}::box_status, updated_at = ${moment(now)}
    from target where boxes.id = target.id returning boxes.fence, target.job_id
  ), claimed as (
    update operator_jobs j set status = 'running', fence = fenced.fence, lease_until = ${moment(leaseUntil)},
      attempt = j.attempt + 1, started_at = coalesce(j.started_at, ${moment(now)})
    from fenced where j.id = fenced.job_id returning j.fence
  )
  select fence from claimed`;
}

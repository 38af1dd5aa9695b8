/** Starts a backup: its row and its job in one statement. */

import { eq, type SQL, sql } from "drizzle-orm";
import type { BackupAccepted } from "#schema/contracts/backups.ts";
import { backups, boxes, operatorJobs } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Call, Ctx } from "../../context.ts";
import { actorName } from "../../contracts/actor.ts";
import { requireScope } from "../access.ts";
import { isOwned, type OwnedBox } from "../boxes/owned-box.ts";
import { doing } from "../boxes/refusal.ts";
import { idFor, keyFrom, once } from "../idempotency/once.ts";
import { enqueue } from "../jobs/enqueue.ts";
import { viewJob } from "../jobs/view-job.ts";
import { wakeJob } from "../jobs/wake.ts";
import { moment } from "../sql.ts";
import { newDataKey } from "./data-key.ts";
import { storageOf } from "./storage.ts";
import { viewBackup } from "./view-backup.ts";

type Start = Call<{ boxId: string; scheduled?: boolean }>;

/** Throws `not_found`, and `conflict` with the reason if the box can't be backed up now. */
export async function startBackup(call: Start): Promise<BackupAccepted> {
  requireScope(call.ctx, "boxes:write");
  return once(call, start, startedAgain);
}

async function start({ ctx, input }: Start): Promise<BackupAccepted> {
  storageOf(ctx);
  const [box] = await ctx.db.select().from(boxes).where(eq(boxes.id, input.boxId));
  if (!box) throw new AppError("not_found", "There is no such box");
  if (!isOwned(box)) throw new AppError("conflict", "This box belongs to the warm pool: it has no memory to back up");
  if (box.status !== "active" || box.desiredStatus !== "active") {
    throw new AppError("conflict", `This box ${doing(box)}: its running agent copies its memory, so it must be active`);
  }
  const [id, jobId] = await Promise.all([idFor(ctx, "backup"), idFor(ctx, "job")]);
  const sealed = await newDataKey(ctx, { id, customerId: box.customerId });
  const plan: Plan = { id, jobId, sealed, scheduled: input.scheduled ?? false };
  const [, [made]] = await ctx.db.batch([ctx.db.execute(statement(ctx, box, plan)), selectStarted(ctx, id)]);
  if (!made) throw new AppError("conflict", "This box was changed at the same time; try again");
  wakeJob(ctx, made.job);
  ctx.log.set({ box_id: box.id, job_id: jobId, job_type: "backup", cluster_id: box.clusterId });
  return { backup: viewBackup(made.backup), job: viewJob(made.job) };
}

async function startedAgain({ ctx }: Start): Promise<BackupAccepted> {
  const [made] = await selectStarted(ctx, await idFor(ctx, "backup"));
  if (!made) throw new AppError("not_found", "The object that this request created no longer exists");
  return { backup: viewBackup(made.backup), job: viewJob(made.job) };
}

const selectStarted = (ctx: Ctx, id: string) =>
  ctx.db
    .select({ backup: backups, job: operatorJobs })
    .from(backups)
    .innerJoin(operatorJobs, eq(operatorJobs.id, backups.jobId))
    .where(eq(backups.id, id));

interface Plan {
  id: string;
  jobId: string;
  sealed: string;
  scheduled: boolean;
}

/** It doesn't change the desired state, so it raises no generation and supersedes no queued job. */
function statement(ctx: Ctx, box: OwnedBox, { id, jobId, sealed, scheduled }: Plan): SQL {
  const now = moment(ctx.now());
  return sql`with box as (
    select id, cluster_id, customer_id, generation from boxes
    where id = ${box.id} and status = 'active' and desired_status = 'active' and generation = ${box.generation} for update
  ), ${enqueue(ctx, {
    type: "backup",
    from: sql`box`,
    id: sql`${jobId}::uuid`,
    audit: { action: "box.backup", detail: { backup: id, scheduled } },
  })}, backup as (
    insert into backups (id, box_id, customer_id, job_id, scheduled, data_key_sealed, requested_by, created_at)
    select ${id}::uuid, box.id, box.customer_id, job.id, ${scheduled}, ${sealed}, ${actorName(ctx.actor)}, ${now} from box, job
  ), key as (${keyFrom(ctx, sql`job`)})
  select id from job`;
}

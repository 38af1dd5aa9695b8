import { type SQL, sql } from "drizzle-orm";
import type { CompleteRequest } from "#schema/contracts/fleet.ts";
import type { Call, Ctx } from "../../context.ts";
import { WIPED } from "../boxes/bot-token.ts";
import { isOwned } from "../boxes/owned-box.ts";
import { statusWhen } from "../boxes/status-while.ts";
import { syncMeter } from "../boxes/sync-meter.ts";
import { announceReady } from "../customers/announce-ready.ts";
import { auditFrom, moment } from "../sql.ts";
import { type JobWithBox, leaseLost, ownJob } from "./load.ts";
import { isBackground, makeOffer } from "./make-offer.ts";
import { ANY_FENCE, notifyMailbox } from "./notify-mailbox.ts";
import { type Attempt, requeue, STOPPED } from "./requeue.ts";

/** A box that has its newest token needs the one before so long: until the gateway has read the new one. */
const OLD_TOKEN_MS = 5 * 60_000;

/** Records how a job ended. Throws `not_found`, and `lease_lost` where nothing was recorded. */
export async function completeJob({ ctx, input }: Call<CompleteRequest & { jobId: string }>): Promise<void> {
  const found = await ownJob(ctx, input);
  ctx.log.set({ outcome: input.outcome, attempt: found.job.attempt });
  if (input.outcome === "succeeded") await succeed(ctx, found, input.observed_generation);
  else await fail(ctx, found, input.outcome === "failed" ? input.failure : STOPPED);
}

async function fail(ctx: Ctx, found: JobWithBox, failure: Attempt): Promise<void> {
  const back = await requeue(ctx, found, failure);
  if (back.kind === "unchanged") throw leaseLost();
  const { job } = found;
  const again = back.kind === "queued" ? makeOffer({ ...job, ...back }, isBackground(found.box)) : undefined;
  await notifyMailbox(ctx, job.clusterId, (mailbox) => mailbox.release(job.id, job.fence ?? 0, again));
}

async function succeed(ctx: Ctx, found: JobWithBox, observed: number): Promise<void> {
  const { job, box } = found;
  const next = observed === box.generation ? statusWhen(box) : box.status;
  const { rows } = await ctx.db.execute(statement(ctx, found, observed, next));
  if (rows.length === 0) throw leaseLost();
  await notifyMailbox(ctx, job.clusterId, (mailbox) => mailbox.release(job.id, ANY_FENCE));
  if (!isOwned(box)) return;
  await syncMeter(ctx, box.customerId);
  // A provision that was ended for a newer job is completed by that one.
  const isFirst = job.type === "provision" || box.observedGeneration === 0;
  if (next === "active" && isFirst) announceReady(ctx, box.id);
}

/** If the box was changed since it was read, its status is left to the job of that change. */
function statement(ctx: Ctx, { job, box }: JobWithBox, observed: number, next: typeof box.status): SQL {
  const now = moment(ctx.now());
  const oldTokenUntil = moment(new Date(ctx.now().getTime() + OLD_TOKEN_MS));
  const unchanged = sql`b.generation = ${box.generation} and b.status = ${box.status}::box_status`;
  const wiped = sql`telegram_bot_token_sealed = case when b.customer_id is null then null else ${WIPED} end`;
  const destroyed = next === "destroyed" ? sql`, destroyed_at = ${now}, ${wiped}` : sql``;
  return sql`with done as (
    update operator_jobs j set status = 'succeeded', lease_until = null, finished_at = ${now},
      error_code = null, error_message = null
    where j.id = ${job.id} and j.fence = ${job.fence} and j.status = 'running' returning j.id, j.box_id
  ), seen as (
    update boxes b set observed_generation = greatest(b.observed_generation, least(${observed}::bigint, b.generation)),
      status = case when ${unchanged} then ${next}::box_status else b.status end, status_reason = null,
      updated_at = ${now}${destroyed}
    from done where b.id = done.box_id returning b.id, b.generation
  ), well as (
    update box_health h set state = ${next === "active" ? "healthy" : "unknown"}, code = null, reason = null, unhealthy_since = null,
      last_seen_at = ${now}
    from seen where h.box_id = seen.id
  ), retiring as (
    update proxy_tokens t set expires_at = least(t.expires_at, ${oldTokenUntil})
    from seen where t.box_id = seen.id and t.status = 'retiring' and seen.generation <= ${observed}
  ), audit as (${auditFrom(ctx, sql`done`, `job.succeeded`, sql`id::text`, { box: box.id, generation: observed })})
  select id from done`;
}

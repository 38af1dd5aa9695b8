import { and, eq, inArray, sql } from "drizzle-orm";
import type { ChannelState } from "#schema/contracts/channel-state.ts";
import { boxes, operatorJobs } from "#schema/db/schema.ts";
import { STARTS } from "#schema/domain/jobs.ts";
import { REASONS } from "#schema/domain/reasons/catalogue.ts";
import { CHANNEL_CODES } from "#schema/domain/reasons/channel.ts";
import type { Call, Ctx } from "../../context.ts";
import { ownBox } from "../access.ts";
import type { JobWithBox } from "../jobs/load.ts";
import { isBackground, makeOffer } from "../jobs/make-offer.ts";
import { notifyMailbox } from "../jobs/notify-mailbox.ts";
import { requeue } from "../jobs/requeue.ts";
import { listed, moment } from "../sql.ts";

/** How long a start waits for a channel whose trouble may pass. */
const PATIENCE_MS = 60_000;

type Trouble = NonNullable<ChannelState["trouble"]>;

/**
 * Records what a box says of its bot: as its health, and as the end of a start that waits for the bot. What it says of an older
 * configuration than the box's is ignored: the newest may be the remedy.
 */
export async function recordChannel({ ctx, input }: Call<ChannelState>): Promise<void> {
  const { boxId } = ownBox(ctx);
  const [box] = await ctx.db.select().from(boxes).where(eq(boxes.id, boxId));
  if (box?.generation !== input.generation || box.desiredStatus !== "active") return;
  const { trouble } = input;
  await ctx.db.execute(trouble ? unwell(ctx, boxId, trouble) : well(ctx, boxId));
  ctx.log.set({ box_id: boxId, reason: trouble?.code ?? "none" });
  if (!trouble) return;
  const running = and(eq(operatorJobs.boxId, boxId), eq(operatorJobs.status, "running"));
  const [job] = await ctx.db
    .select()
    .from(operatorJobs)
    .where(and(running, inArray(operatorJobs.type, [...STARTS])));
  if (job) await endStart(ctx, { job, box }, trouble);
}

async function endStart(ctx: Ctx, { job, box }: JobWithBox, { code, reason }: Trouble): Promise<void> {
  const isFinal = REASONS[code].job === "final";
  const waitedMs = ctx.now().getTime() - (job.startedAt?.getTime() ?? 0);
  if (!isFinal && waitedMs < PATIENCE_MS) return;
  const failed = await requeue(ctx, { job, box }, { code, message: reason, retryable: !isFinal });
  if (failed.kind === "unchanged") return;
  const again = failed.kind === "queued" ? makeOffer({ ...job, ...failed }, isBackground(box)) : undefined;
  await notifyMailbox(ctx, job.clusterId, (mailbox) => mailbox.abort(job.id, job.fence ?? 0, again));
}

const unwell = (ctx: Ctx, boxId: string, { code, reason }: Trouble) => sql`update box_health set state = 'unhealthy',
  code = ${code}, reason = ${reason}, last_seen_at = ${moment(ctx.now())},
  unhealthy_since = coalesce(unhealthy_since, ${moment(ctx.now())}) where box_id = ${boxId}`;

/** Whether it is well otherwise, its agent knows, and reports it when the box is ready again. */
const well = (ctx: Ctx, boxId: string) => sql`update box_health set state = 'healthy', code = null, reason = null,
  unhealthy_since = null, last_seen_at = ${moment(ctx.now())}
  where box_id = ${boxId} and state = 'unhealthy' and code in (${listed(CHANNEL_CODES.map((code) => sql`${code}`))})`;

/** A new box: customer, subscription, box, token, job and audit row in one batch, or none of them. */
import { and, asc, eq, ne, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { Accepted, ProvisionRequest } from "#schema/contracts/internal.ts";
import { auditLog, boxes, clusters, customers, operatorJobs, proxyTokens, subscriptions } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import { newId } from "#schema/domain/ids.ts";
import { deriveToken } from "#schema/domain/proxy-token.ts";
import { actorName, type Ctx } from "../../context.ts";
import type { Bot } from "../../integrations/telegram.ts";
import { viewJob } from "../jobs/view-job.ts";
import { wakeJob } from "../jobs/wake.ts";
import { placeOfBotToken } from "./bot-token.ts";
import { doing } from "./refusal.ts";
import { syncMeter } from "./sync-meter.ts";
import { selectBoxes, viewBox } from "./view-box.ts";

/** Throws `invalid_request` (the bot token), `conflict`, `upstream_unavailable`. */
export async function provisionBox({ ctx, input }: { ctx: Ctx; input: ProvisionRequest }): Promise<Accepted> {
  const found = await look(ctx, input.customer_email);
  const bot = await ctx.telegram.getMe(input.telegram_bot_token);
  if (!bot) throw refusedBotToken();
  const [clusterId] = await Promise.all([chooseCluster(ctx), refuseUsedBot(ctx, bot)]);
  const accepted = await write(ctx, input, bot, { ...found, clusterId });
  wakeJob(ctx, accepted.job);
  ctx.log.set({ box_id: accepted.box.id, job_id: accepted.job.id, cluster_id: accepted.box.cluster_id });
  await syncMeter(ctx, accepted.box.customer_id);
  return accepted;
}

interface Found {
  customerId: string;
  isNew: boolean;
  /** A subscription that lives without a box. */
  subscriptionId: string | undefined;
}

async function look(ctx: Ctx, email: string): Promise<Found> {
  const [row] = await ctx.db
    .select({ customerId: customers.id, subscription: subscriptions, box: boxes })
    .from(customers)
    .leftJoin(subscriptions, and(eq(subscriptions.customerId, customers.id), liveSubscription))
    .leftJoin(boxes, and(eq(boxes.customerId, customers.id), ne(boxes.status, "destroyed")))
    .where(eq(customers.email, email))
    .limit(1);
  if (row?.box) throw new AppError("conflict", `This customer already has a box, which ${doing(row.box)}`);
  return { customerId: row?.customerId ?? newId(), isNew: !row, subscriptionId: row?.subscription?.id };
}

const liveSubscription = sql`${subscriptions.status} not in ('canceled', 'incomplete_expired')`;

async function refuseUsedBot(ctx: Ctx, bot: Bot): Promise<void> {
  const [used] = await ctx.db
    .select({ id: boxes.id })
    .from(boxes)
    .where(and(eq(boxes.telegramBotId, bot.id), ne(boxes.status, "destroyed")));
  if (used) throw new AppError("conflict", `The Telegram bot @${bot.username} already belongs to another box`);
}

async function chooseCluster(ctx: Ctx): Promise<string> {
  const wanted = ctx.config.DEFAULT_CLUSTER;
  const [cluster] = await ctx.db
    .select({ id: clusters.id })
    .from(clusters)
    .where(and(eq(clusters.acceptsBoxes, 1), wanted === undefined ? undefined : eq(clusters.id, wanted)))
    .orderBy(asc(clusters.id))
    .limit(1);
  if (!cluster) throw new AppError("upstream_unavailable", "No cluster accepts new boxes", { retryAfter: 60 });
  return cluster.id;
}

async function write(
  ctx: Ctx,
  input: ProvisionRequest,
  bot: Bot,
  { customerId, isNew, subscriptionId = newId(), ...found }: Found & { clusterId: string },
): Promise<Accepted> {
  const [boxId, jobId, tokenId] = [newId(), newId(), newId()];
  const now = ctx.now();
  const token = await deriveToken(await ctx.tokenKeys, customerId, tokenId);
  const period = { currentPeriodStart: now, currentPeriodEnd: nextMonth(now) };
  const { telegram_user_id: telegramUserId, language, tier } = input;
  const customer = isNew
    ? ctx.db.insert(customers).values({ id: customerId, email: input.customer_email, telegramUserId, language })
    : ctx.db.update(customers).set({ telegramUserId, language, updatedAt: now }).where(eq(customers.id, customerId));
  const writes = [
    customer,
    ctx.db
      .insert(subscriptions)
      .values({ id: subscriptionId, customerId, tier, status: "active", ...period })
      .onConflictDoUpdate({ target: subscriptions.id, set: { tier, updatedAt: now } }),
    ctx.db.insert(boxes).values({
      id: boxId,
      customerId,
      subscriptionId,
      clusterId: found.clusterId,
      tier,
      model: input.model,
      thinkingLevel: input.thinking_level,
      language,
      telegramBotId: bot.id,
      telegramBotUsername: bot.username,
      telegramBotTokenSealed: await ctx.vault.seal(
        placeOfBotToken({ id: boxId, customerId }),
        input.telegram_bot_token,
      ),
      telegramUserIds: [telegramUserId],
      createdAt: now,
      updatedAt: now,
    }),
    ctx.db
      .insert(proxyTokens)
      .values({ id: tokenId, customerId, boxId, tokenHash: token.hash, last4: token.last4, whenSpent: "message" }),
    ctx.db.insert(operatorJobs).values({
      id: jobId,
      boxId,
      clusterId: found.clusterId,
      type: "provision",
      generation: 1,
      requestedBy: actorName(ctx.actor),
      availableAt: now,
      createdAt: now,
    }),
    ctx.db.insert(auditLog).values({
      actor: actorName(ctx.actor),
      action: "box.provision",
      subject: boxId,
      requestId: ctx.requestId,
      detail: { tier, model: input.model, cluster: found.clusterId },
    }),
  ] as const satisfies readonly BatchItem<"pg">[];
  const rows = await ctx.db.batch([
    ...writes,
    selectBoxes(ctx).where(eq(boxes.id, boxId)),
    ctx.db.select().from(operatorJobs).where(eq(operatorJobs.id, jobId)),
  ]);
  const [box] = rows[6];
  const [job] = rows[7];
  if (!box || !job) throw new AppError("internal", "The rows just written are not there");
  return { box: viewBox(box), job: viewJob(job) };
}

/** The same day of the next month, or its last day. */
export function nextMonth(from: Date): Date {
  const to = new Date(from);
  to.setUTCMonth(from.getUTCMonth() + 1);
  if (to.getUTCDate() !== from.getUTCDate()) to.setUTCDate(0);
  return to;
}

const refusedBotToken = (): AppError =>
  new AppError("invalid_request", "Telegram does not know this bot token", {
    fields: [
      { pointer: "/telegram_bot_token", detail: "is refused by Telegram: take the current one from @BotFather" },
    ],
  });

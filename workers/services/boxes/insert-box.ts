/** The rows of a new box: customer, subscription, box, token, job and audit row in one batch, or none of them. */
import { eq } from "drizzle-orm";
import type { Accepted, ProvisionRequest } from "#schema/contracts/internal.ts";
import { auditLog, boxes, customers, operatorJobs, proxyTokens, subscriptions } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import { newId } from "#schema/domain/ids.ts";
import { deriveToken } from "#schema/domain/proxy-token.ts";
import { actorName, type Ctx } from "../../context.ts";
import type { Bot } from "../../integrations/telegram.ts";
import { viewJob } from "../jobs/view-job.ts";
import { placeOfBotToken } from "./bot-token.ts";
import { nextMonth } from "./next-month.ts";
import { selectBoxes, viewBox } from "./view-box.ts";

export interface NewBox {
  request: ProvisionRequest;
  bot: Bot;
  clusterId: string;
  customerId: string;
  /** The customer is not there yet either. */
  isNew: boolean;
  /** One that lives without a box; undefined where a new one is needed. */
  subscriptionId: string | undefined;
}

/** What all rows are made from. */
interface Plan extends Omit<NewBox, "subscriptionId"> {
  subscriptionId: string;
  boxId: string;
  jobId: string;
  now: Date;
}

/** Throws `conflict` where another request was faster with this customer or bot. */
export async function insertBox(ctx: Ctx, { subscriptionId = newId(), ...box }: NewBox): Promise<Accepted> {
  const plan: Plan = { ...box, subscriptionId, boxId: newId(), jobId: newId(), now: ctx.now() };
  const [boxRow, tokenRow] = await Promise.all([boxRowOf(ctx, plan), tokenRowOf(ctx, plan)]);
  const rows = await ctx.db.batch([
    writeCustomer(ctx, plan),
    writeSubscription(ctx, plan),
    ctx.db.insert(boxes).values(boxRow),
    ctx.db.insert(proxyTokens).values(tokenRow),
    ctx.db.insert(operatorJobs).values(jobRowOf(ctx, plan)),
    ctx.db.insert(auditLog).values(auditRowOf(ctx, plan)),
    selectBoxes(ctx).where(eq(boxes.id, plan.boxId)),
    ctx.db.select().from(operatorJobs).where(eq(operatorJobs.id, plan.jobId)),
  ]);
  const [written] = rows[6];
  const [job] = rows[7];
  if (!written || !job) throw new AppError("internal", "The rows just written are not there");
  return { box: viewBox(written), job: viewJob(job) };
}

function writeCustomer(ctx: Ctx, { request, customerId, isNew, now }: Plan) {
  const { customer_email: email, telegram_user_id: telegramUserId, language } = request;
  if (isNew) return ctx.db.insert(customers).values({ id: customerId, email, telegramUserId, language });
  return ctx.db.update(customers).set({ telegramUserId, language, updatedAt: now }).where(eq(customers.id, customerId));
}

function writeSubscription(ctx: Ctx, { request: { tier }, customerId, subscriptionId, now }: Plan) {
  const period = { currentPeriodStart: now, currentPeriodEnd: nextMonth(now) };
  return ctx.db
    .insert(subscriptions)
    .values({ id: subscriptionId, customerId, tier, status: "active", ...period })
    .onConflictDoUpdate({ target: subscriptions.id, set: { tier, updatedAt: now } });
}

async function boxRowOf(ctx: Ctx, { request, bot, ...plan }: Plan): Promise<typeof boxes.$inferInsert> {
  const { boxId: id, customerId, subscriptionId, clusterId, now } = plan;
  return {
    id,
    customerId,
    subscriptionId,
    clusterId,
    tier: request.tier,
    model: request.model,
    thinkingLevel: request.thinking_level,
    language: request.language,
    telegramBotId: bot.id,
    telegramBotUsername: bot.username,
    telegramBotTokenSealed: await ctx.vault.seal(placeOfBotToken({ id, customerId }), request.telegram_bot_token),
    telegramUserIds: [request.telegram_user_id],
    createdAt: now,
    updatedAt: now,
  };
}

async function tokenRowOf(ctx: Ctx, { boxId, customerId }: Plan): Promise<typeof proxyTokens.$inferInsert> {
  const id = newId();
  const { hash: tokenHash, last4 } = await deriveToken(await ctx.tokenKeys, customerId, id);
  return { id, customerId, boxId, tokenHash, last4, whenSpent: "message" };
}

const jobRowOf = (ctx: Ctx, { boxId, clusterId, jobId, now }: Plan): typeof operatorJobs.$inferInsert => ({
  id: jobId,
  boxId,
  clusterId,
  type: "provision",
  generation: 1,
  requestedBy: actorName(ctx.actor),
  availableAt: now,
  createdAt: now,
});

const auditRowOf = (ctx: Ctx, { request, boxId, clusterId }: Plan): typeof auditLog.$inferInsert => ({
  actor: actorName(ctx.actor),
  action: "box.provision",
  subject: boxId,
  requestId: ctx.requestId,
  detail: { tier: request.tier, model: request.model, cluster: clusterId },
});

/** A new box: who it is for, which bot it speaks through, where it lives; then all its rows at once. */
import { and, asc, eq, ne, sql } from "drizzle-orm";
import type { Accepted, ProvisionRequest } from "#schema/contracts/internal.ts";
import { boxes, clusters, customers, subscriptions } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import { newId } from "#schema/domain/ids.ts";
import type { Ctx } from "../../context.ts";
import type { Bot } from "../../integrations/telegram.ts";
import { wakeJob } from "../jobs/wake.ts";
import { insertBox } from "./insert-box.ts";
import { doing } from "./refusal.ts";
import { syncMeter } from "./sync-meter.ts";

/** Throws `invalid_request` (the bot token), `conflict`, `upstream_unavailable`. */
export async function provisionBox({ ctx, input }: { ctx: Ctx; input: ProvisionRequest }): Promise<Accepted> {
  const found = await look(ctx, input.customer_email);
  const bot = await ctx.telegram.getMe(input.telegram_bot_token);
  if (!bot) throw refusedBotToken();
  const [clusterId] = await Promise.all([chooseCluster(ctx), refuseUsedBot(ctx, bot)]);
  const accepted = await insertBox(ctx, { ...found, request: input, bot, clusterId });
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

const refusedBotToken = (): AppError =>
  new AppError("invalid_request", "Telegram does not know this bot token", {
    fields: [
      { pointer: "/telegram_bot_token", detail: "is refused by Telegram: take the current one from @BotFather" },
    ],
  });

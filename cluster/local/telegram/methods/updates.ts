import { isIP } from "node:net";
import type { Update, WebhookInfo } from "grammy/types";
import * as z from "zod";
import { badRequest, conflict } from "../api-error.ts";
import { asBool, asInt, asJson, type Methods, method } from "../params.ts";
import type { BotRecord } from "../world.ts";

const Asked = z.object({
  allowed_updates: asJson(z.array(z.string()).optional()),
  drop_pending_updates: asBool.default(false),
});
type Asked = z.infer<typeof Asked>;

const Poll = Asked.extend({
  offset: asInt.default(0),
  limit: asInt.min(1).max(100).catch(100),
  timeout: asInt.default(0),
});
const Secret = z.string().regex(/^[A-Za-z0-9_-]{1,256}$/);
const Webhook = Asked.extend({ url: z.string(), secret_token: Secret.optional() });

export const updateMethods: Methods = {
  getUpdates: method(Poll, ({ ctx, bot, signal }, params): Promise<Update[]> => {
    if (bot.webhook) throw conflict(WEBHOOK_IS_SET);
    subscribe(bot, params);
    return ctx.updates.poll(bot, params, signal);
  }),

  setWebhook: method(Webhook, ({ ctx, bot }, params) => {
    if (!isReachable(params.url)) throw badRequest("bad webhook: An HTTPS URL must be provided for webhook");
    subscribe(bot, params);
    bot.webhook = { url: params.url, secretToken: params.secret_token ?? null };
    ctx.storage.changed();
    ctx.updates.interrupt(bot, conflict("terminated by setWebhook request"));
    return true;
  }),

  deleteWebhook: method(Asked, ({ ctx, bot }, params) => {
    subscribe(bot, params);
    bot.webhook = null;
    ctx.storage.changed();
    return true;
  }),

  getWebhookInfo: ({ bot }): WebhookInfo => ({
    url: bot.webhook?.url ?? "",
    has_custom_certificate: false,
    pending_update_count: bot.updates.length,
  }),
};

const WEBHOOK_IS_SET =
  "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";

/** An absent list keeps what was asked for before; an empty one asks for every kind. */
function subscribe(bot: BotRecord, { allowed_updates: allowed, drop_pending_updates: drop }: Asked): void {
  if (allowed) bot.allowedUpdates = allowed.length > 0 ? allowed : null;
  if (drop) bot.updates = [];
}

/** Telegram accepts https only; here plain http is also accepted for this machine's own addresses. */
function isReachable(url: string): boolean {
  const parsed = URL.parse(url);
  if (parsed?.protocol !== "http:") return parsed?.protocol === "https:";
  return parsed.hostname === "localhost" || isIP(parsed.hostname.replace(/^\[|\]$/g, "")) !== 0;
}

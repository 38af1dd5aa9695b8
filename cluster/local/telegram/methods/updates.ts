import { isIP } from "node:net";
import type { Update, WebhookInfo } from "grammy/types";
import * as z from "zod";
import { ApiError, badRequest, conflict } from "../api-error.ts";
import { asBool, asInt, asJson, asText, take } from "../params.ts";
import type { BotRecord, Webhook } from "../world.ts";
import type { Call, Methods } from "./call.ts";

const allowedUpdates = asJson(z.array(z.string()).nullish());

const Poll = z.object({
  offset: asInt.default(0),
  limit: asInt.default(100),
  timeout: asInt.default(0),
  allowed_updates: allowedUpdates,
});

const SetWebhook = z.object({
  url: asText.default(""),
  secret_token: asText.optional(),
  max_connections: asInt.default(40),
  drop_pending_updates: asBool.default(false),
  allowed_updates: allowedUpdates,
});

export const updateMethods: Methods = {
  getUpdates({ ctx, bot, params, signal }): Promise<Update[]> {
    const { offset, limit, timeout, allowed_updates } = take(Poll, params);
    if (bot.webhook) throw conflict(WEBHOOK_IS_SET);
    subscribe(bot, allowed_updates);
    return ctx.updates.poll(bot, { offset, limit: Math.min(Math.max(limit, 1), 100), timeout }, signal);
  },

  setWebhook(call) {
    const params = take(SetWebhook, call.params);
    if (params.url === "") return removeWebhook(call, params.drop_pending_updates);
    checkWebhook(params.url, params.secret_token);
    const { ctx, bot } = call;
    if (params.drop_pending_updates) bot.updates = [];
    subscribe(bot, params.allowed_updates);
    const next = newWebhook(params);
    const same = bot.webhook?.url === next.url && bot.webhook.secretToken === next.secretToken;
    bot.webhook = next;
    ctx.storage.changed();
    ctx.updates.interrupt(bot, conflict("terminated by setWebhook request"));
    return explained(true, same ? "Webhook is already set" : "Webhook was set");
  },

  deleteWebhook(call) {
    return removeWebhook(call, take(SetWebhook, call.params).drop_pending_updates);
  },

  getWebhookInfo({ bot }): WebhookInfo {
    const { webhook, allowedUpdates: allowed } = bot;
    return {
      url: webhook?.url ?? "",
      has_custom_certificate: false,
      pending_update_count: bot.updates.length,
      ...(webhook && { max_connections: webhook.maxConnections }),
      ...(webhook?.lastErrorDate && { last_error_date: webhook.lastErrorDate }),
      ...(webhook?.lastErrorMessage && { last_error_message: webhook.lastErrorMessage }),
      ...(allowed && { allowed_updates: allowed as NonNullable<WebhookInfo["allowed_updates"]> }),
    };
  },

  /** Both are for moving to an own Bot API server; there is nothing to move here. */
  logOut: () => true,
  close: () => true,
};

const WEBHOOK_IS_SET =
  "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";

/** A result with a sentence beside it, as the webhook methods give. */
export class Explained {
  readonly result: unknown;
  readonly description: string;

  constructor(result: unknown, description: string) {
    this.result = result;
    this.description = description;
  }
}

const explained = (result: unknown, description: string) => new Explained(result, description);

/** Absent keeps what was asked for before; an empty list asks for the default. */
function subscribe(bot: BotRecord, allowed: string[] | null | undefined): void {
  if (allowed) bot.allowedUpdates = allowed.length > 0 ? allowed : null;
}

function removeWebhook({ ctx, bot }: Call, drop: boolean): Explained {
  const had = bot.webhook !== null;
  bot.webhook = null;
  if (drop) bot.updates = [];
  ctx.storage.changed();
  return explained(true, had ? "Webhook was deleted" : "Webhook is already deleted");
}

const newWebhook = ({ url, secret_token, max_connections }: z.infer<typeof SetWebhook>): Webhook => ({
  url,
  secretToken: secret_token ?? null,
  maxConnections: Math.min(Math.max(max_connections, 1), 100),
  lastErrorDate: null,
  lastErrorMessage: null,
});

/** Telegram takes https only; plain http is let through to this machine's own addresses. @throws ApiError 400 */
function checkWebhook(url: string, secret: string | undefined): void {
  const parsed = URL.parse(url);
  const host = parsed?.hostname.replace(/^\[|\]$/g, "") ?? "";
  const local = parsed?.protocol === "http:" && (host === "localhost" || isIP(host) !== 0);
  if (parsed?.protocol !== "https:" && !local) {
    throw badRequest("bad webhook: An HTTPS URL must be provided for webhook");
  }
  if (secret === undefined) return;
  if (secret.length > 256) throw new ApiError(400, "Bad Request: secret token is too long");
  if (!/^[A-Za-z0-9_-]*$/.test(secret)) throw badRequest("secret token contains unallowed characters");
}

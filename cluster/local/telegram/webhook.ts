import { setTimeout as pause } from "node:timers/promises";
import type { Update } from "grammy/types";
import type { BotRecord, Webhook } from "./world.ts";

export interface WebhookDeps {
  unixTime(): number;
  changed(): void;
  /** A webhook may answer with one method call. */
  onAnswer(bot: BotRecord, answer: unknown): Promise<void>;
  /** The first pause after a failed delivery; it doubles up to a minute. */
  retryMs: number;
}

export interface Webhooks {
  /** Begins delivering, unless it does already or has nothing to do. */
  kick(bot: BotRecord): void;
  close(): void;
}

const LONGEST_RETRY_MS = 60_000;
const ANSWER_WITHIN_MS = 60_000;

/** Delivers one update after the other, each until it is taken (core.telegram.org/bots/api#setwebhook). */
export function createWebhooks(deps: WebhookDeps): Webhooks {
  const running = new Set<number>();
  const closed = new AbortController();
  const deliverAll = async (bot: BotRecord) => {
    let failures = 0;
    for (;;) {
      const [update] = bot.updates;
      const { webhook } = bot;
      if (!webhook || !update || closed.signal.aborted) return;
      if (await deliver(deps, bot, webhook, update, closed.signal)) {
        failures = 0;
        bot.updates = bot.updates.filter(({ update_id }) => update_id !== update.update_id);
        deps.changed();
      } else {
        const wait = Math.min(deps.retryMs * 2 ** failures++, LONGEST_RETRY_MS);
        await pause(wait, undefined, { signal: closed.signal, ref: false }).catch(() => undefined);
      }
    }
  };
  return {
    kick(bot) {
      if (running.has(bot.id)) return;
      running.add(bot.id);
      void deliverAll(bot).finally(() => running.delete(bot.id));
    },
    close: () => closed.abort(),
  };
}

async function deliver(
  deps: WebhookDeps,
  bot: BotRecord,
  webhook: Webhook,
  update: Update,
  closed: AbortSignal,
): Promise<boolean> {
  const failure = await post(webhook, update, closed).then(
    async (response) => {
      if (!response.ok) return `Wrong response from the webhook: ${response.status} ${response.statusText}`.trim();
      await deps.onAnswer(bot, await response.json().catch(() => undefined));
      return undefined;
    },
    (error: unknown) =>
      error instanceof Error && error.name === "TimeoutError" ? "Read timeout expired" : "Connection failed",
  );
  if (failure === undefined) return true;
  webhook.lastErrorDate = deps.unixTime();
  webhook.lastErrorMessage = failure;
  deps.changed();
  return false;
}

function post({ url, secretToken }: Webhook, update: Update, closed: AbortSignal): Promise<Response> {
  const headers = new Headers({ "content-type": "application/json" });
  if (secretToken) headers.set("x-telegram-bot-api-secret-token", secretToken);
  const signal = AbortSignal.any([closed, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
  return fetch(url, { method: "POST", headers, body: JSON.stringify(update), redirect: "manual", signal });
}

import { setTimeout as pause } from "node:timers/promises";
import type { Update } from "grammy/types";
import type { BotRecord, Webhook } from "./world.ts";

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 60_000;

/** Delivers one update after the other, each until it is taken (core.telegram.org/bots/api#setwebhook). */
export class Webhooks {
  readonly #changed: () => void;
  readonly #running = new Set<number>();
  readonly #closed = new AbortController();

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Begins delivering, unless it does already or has nothing to do. */
  kick(bot: BotRecord): void {
    if (this.#running.has(bot.id)) return;
    this.#running.add(bot.id);
    void this.#deliverAll(bot, this.#closed.signal).finally(() => this.#running.delete(bot.id));
  }

  close(): void {
    this.#closed.abort();
  }

  async #deliverAll(bot: BotRecord, signal: AbortSignal): Promise<void> {
    for (let wait = FIRST_RETRY_MS; ; ) {
      const [update] = bot.updates;
      if (!bot.webhook || !update || signal.aborted) return;
      if (await deliver(bot.webhook, update, signal)) {
        wait = FIRST_RETRY_MS;
        bot.updates = bot.updates.filter(({ update_id }) => update_id !== update.update_id);
        this.#changed();
      } else {
        await pause(wait, undefined, { signal, ref: false }).catch(() => undefined);
        wait = Math.min(wait * 2, LONGEST_RETRY_MS);
      }
    }
  }
}

async function deliver({ url, secretToken }: Webhook, update: Update, closed: AbortSignal): Promise<boolean> {
  const headers = new Headers({ "content-type": "application/json" });
  if (secretToken) headers.set("x-telegram-bot-api-secret-token", secretToken);
  const signal = AbortSignal.any([closed, AbortSignal.timeout(60_000)]);
  const sent = fetch(url, { method: "POST", headers, body: JSON.stringify(update), redirect: "manual", signal });
  return sent.then(({ ok }) => ok).catch(() => false);
}

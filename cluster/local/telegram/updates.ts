import type { Update } from "grammy/types";
import { type ApiError, conflict } from "./api-error.ts";
import type { BotRecord } from "./world.ts";

export type NewUpdate = Omit<Update, "update_id">;

export interface PollOptions {
  /** Everything before it is confirmed; negative: only so many of the newest are kept. */
  offset: number;
  limit: number;
  /** Seconds */
  timeout: number;
}

export interface Poller {
  bot: string;
  /** A long poll is open now. */
  polling: boolean;
  lastPollAt: string;
}

const OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running";
const LONGEST_POLL_S = 50;

/** The queues of updates that bots have not fetched yet. */
export class Updates {
  readonly #changed: () => void;
  readonly #onPush: (bot: BotRecord) => void;
  /** By the bot's id: ends the long poll that is open, with an error if one is given. */
  readonly #open = new Map<number, (error?: ApiError) => void>();
  readonly #polled = new Map<number, Omit<Poller, "polling">>();

  /** @param onPush called whenever a bot has something new */
  constructor(changed: () => void, onPush: (bot: BotRecord) => void) {
    this.#changed = changed;
    this.#onPush = onPush;
  }

  push(bot: BotRecord, update: NewUpdate): void {
    const { allowedUpdates } = bot;
    if (allowedUpdates && !Object.keys(update).some((type) => allowedUpdates.includes(type))) return;
    bot.updates.push({ update_id: bot.nextUpdateId++, ...update });
    this.#changed();
    this.#open.get(bot.id)?.();
    this.#onPush(bot);
  }

  /** @throws ApiError when the poll is ended by another one or by a webhook */
  async poll(bot: BotRecord, { offset, limit, timeout }: PollOptions, signal: AbortSignal): Promise<Update[]> {
    // The older of two pollers is the one that loses, as in Telegram.
    this.interrupt(bot, conflict(OTHER_POLLER));
    if (offset < 0) bot.updates = bot.updates.slice(offset);
    else bot.updates = bot.updates.filter(({ update_id }) => update_id >= offset);
    this.#changed();
    this.#polled.set(bot.id, { bot: bot.username, lastPollAt: new Date().toISOString() });
    const seconds = Math.min(timeout, LONGEST_POLL_S);
    if (bot.updates.length === 0 && seconds > 0) await this.#wait(bot.id, seconds, signal);
    return bot.updates.slice(0, limit);
  }

  /** Ends an open long poll with an error. */
  interrupt(bot: BotRecord, error: ApiError): void {
    this.#open.get(bot.id)?.(error);
  }

  pollers(): Poller[] {
    return [...this.#polled].map(([id, poller]) => ({ ...poller, polling: this.#open.has(id) }));
  }

  close(): void {
    for (const end of [...this.#open.values()]) end();
  }

  async #wait(botId: number, seconds: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const end = (error?: ApiError) => (error ? reject(error) : resolve());
    const timer = setTimeout(end, seconds * 1000);
    const abort = () => end();
    signal.addEventListener("abort", abort);
    if (signal.aborted) end();
    this.#open.set(botId, end);
    await promise.finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      if (this.#open.get(botId) === end) this.#open.delete(botId);
    });
  }
}

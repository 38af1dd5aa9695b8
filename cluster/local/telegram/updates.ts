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

/** The queues of updates: what happened, until the bot has taken it. */
export interface Updates {
  push(bot: BotRecord, update: NewUpdate): void;
  poll(bot: BotRecord, options: PollOptions, signal: AbortSignal): Promise<Update[]>;
  /** Ends an open long poll with an error. */
  interrupt(bot: BotRecord, error: ApiError): void;
  pollers(): Poller[];
  /** Called whenever a bot has something new. */
  onPush(listener: (bot: BotRecord) => void): void;
  close(): void;
}

/** What a bot gets unless it asks for others (core.telegram.org/bots/api#getupdates). */
const NOT_BY_DEFAULT = ["chat_member", "message_reaction", "message_reaction_count"];
const LONGEST_POLL_S = 50;

interface OpenPoll {
  wake(): void;
  fail(error: ApiError): void;
}

export function createUpdates(deps: { now(): Date; changed(): void }): Updates {
  const open = new Map<number, OpenPoll>();
  const polled = new Map<number, Poller>();
  const listeners: ((bot: BotRecord) => void)[] = [];
  return {
    push(bot, update) {
      if (!wants(bot, update)) return;
      bot.updates.push({ update_id: bot.nextUpdateId++, ...update });
      deps.changed();
      open.get(bot.id)?.wake();
      for (const listener of listeners) listener(bot);
    },
    async poll(bot, { offset, limit, timeout }, signal) {
      // The older of two pollers is the one that loses, as in Telegram.
      open.get(bot.id)?.fail(conflict(OTHER_POLLER));
      confirm(bot, offset);
      deps.changed();
      const poller = { bot: bot.username, polling: true, lastPollAt: deps.now().toISOString() };
      polled.set(bot.id, poller);
      if (bot.updates.length === 0 && timeout > 0) {
        const seconds = Math.min(timeout, LONGEST_POLL_S);
        await waitForUpdate(open, bot.id, seconds * 1000, signal).finally(() => {
          poller.polling = false;
        });
      }
      poller.polling = false;
      return bot.updates.slice(0, limit);
    },
    interrupt(bot, error) {
      open.get(bot.id)?.fail(error);
    },
    pollers: () => [...polled.values()].map((poller) => ({ ...poller })),
    onPush(listener) {
      listeners.push(listener);
    },
    close() {
      for (const poll of [...open.values()]) poll.wake();
    },
  };
}

const OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running";

function wants({ allowedUpdates }: BotRecord, update: NewUpdate): boolean {
  const types = Object.keys(update);
  return allowedUpdates
    ? types.some((type) => allowedUpdates.includes(type))
    : !types.some((type) => NOT_BY_DEFAULT.includes(type));
}

function confirm(bot: BotRecord, offset: number): void {
  if (offset < 0) bot.updates = bot.updates.slice(offset);
  else if (offset > 0) bot.updates = bot.updates.filter(({ update_id }) => update_id >= offset);
}

function waitForUpdate(open: Map<number, OpenPoll>, botId: number, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const poll: OpenPoll = { wake: () => settle(resolve), fail: (error) => settle(() => reject(error)) };
    const timer = setTimeout(poll.wake, ms);
    const settle = (then: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", poll.wake);
      if (open.get(botId) === poll) open.delete(botId);
      then();
    };
    open.set(botId, poll);
    signal.addEventListener("abort", poll.wake);
    if (signal.aborted) poll.wake();
  });
}

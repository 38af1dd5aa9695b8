import type { Message } from "grammy/types";
import { Hono } from "hono";
import type { StandIn } from "../http/stand-in.ts";
import { ApiError } from "./api-error.ts";
import { botApi, call } from "./bot-api.ts";
import { createBot, type NewBot } from "./bots.ts";
import { clientApi } from "./client-api.ts";
import { type Context, dialogOf, requireBot, requirePerson, unixTime } from "./context.ts";
import { createFaults, type Faults } from "./faults.ts";
import { createFeed } from "./feed.ts";
import { pageRoutes } from "./page.ts";
import { createPerson, type NewPerson } from "./people.ts";
import {
  agreeToManagedBot,
  type ManagedBotWish,
  type Press,
  pressButton,
  sendAsUser,
  setBlocked,
  type UserSays,
} from "./person.ts";
import { openStorage } from "./storage.ts";
import { createUpdates, type Poller } from "./updates.ts";
import { type ReplyWish, waitForReply } from "./wait-for-reply.ts";
import { createWebhooks } from "./webhook.ts";
import { type BotRecord, DEMO_BOT, DEMO_USER_ID, type Person } from "./world.ts";

export interface TelegramOptions {
  /** A JSON file that keeps users, bots and chats over restarts. Absent: in memory. */
  storage?: string | undefined;
  now?: (() => Date) | undefined;
  /** The first pause after a webhook failed. Default 1 s; it doubles. */
  webhookRetryMs?: number | undefined;
}

export interface TelegramBot {
  id: number;
  token: string;
  username: string;
}

export interface TelegramStandIn extends StandIn {
  /** What is there from the beginning: a user, and a bot that BotFather made for this user. */
  demo: { user: Person; bot: TelegramBot };
  /** @throws Error that says what is wrong with the name */
  createBot(bot: NewBot & { canManageBots?: boolean }): TelegramBot;
  createUser(person: NewPerson): Person;
  sendAsUser(says: UserSays): Message;
  /** Returns the callback query's id. */
  pressButton(press: Press): string;
  agreeToManagedBot(wish: ManagedBotWish): TelegramBot;
  setBlocked(userId: number, bot: string, blocked: boolean): void;
  /** The chat as the user sees it now, oldest first. */
  messagesWith(userId: number, bot: string): Message[];
  /** Resolves with the bot's first message that fits; follows edits. @throws Error after `timeoutMs` */
  waitForReply(wish: ReplyWish): Promise<Message>;
  /** Who has asked for updates, and who is waiting for them now. */
  pollers(): Poller[];
  faults: Faults;
}

/** Telegram as bots and people see it: the Bot API, BotFather, and a page to chat on. */
export function createTelegram(options: TelegramOptions = {}): TelegramStandIn {
  const now = options.now ?? (() => new Date());
  const storage = openStorage(options.storage);
  const updates = createUpdates({ now, changed: storage.changed });
  const ctx: Context = { storage, feed: createFeed(), updates, faults: createFaults(), queries: new Map(), now };
  const webhooks = startWebhooks(ctx, options.webhookRetryMs ?? 1000);
  const app = new Hono();
  app.route("/", botApi(ctx));
  app.route("/client", clientApi(ctx));
  app.route("/", pageRoutes());
  app.all("*", (c) => c.json({ ok: false, error_code: 404, description: "Not Found" }, 404));
  return {
    app,
    faults: ctx.faults,
    demo: { user: requirePerson(ctx, DEMO_USER_ID), bot: asBot(requireBot(ctx, DEMO_BOT)) },
    ...handles(ctx),
    async close() {
      updates.close();
      webhooks.close();
      storage.flush();
    },
  };
}

function handles(ctx: Context): Omit<TelegramStandIn, keyof StandIn | "demo" | "faults"> {
  return {
    createBot({ canManageBots = false, ...bot }) {
      const created = createBot(ctx, bot);
      requireBot(ctx, bot.username).canManageBots = canManageBots;
      return asBot(created);
    },
    createUser: (person) => createPerson(ctx, person),
    sendAsUser: (says) => sendAsUser(ctx, says),
    pressButton: (press) => pressButton(ctx, press),
    agreeToManagedBot: (wish) => asBot(agreeToManagedBot(ctx, wish)),
    setBlocked: (userId, bot, blocked) => setBlocked(ctx, userId, bot, blocked),
    messagesWith: (userId, bot) => structuredClone(dialogOf(ctx, userId, requireBot(ctx, bot).id).messages),
    waitForReply: (wish) => waitForReply(ctx, wish),
    pollers: ctx.updates.pollers,
  };
}

/** @throws Error for a bot that has no token (BotFather) */
function asBot({ id, token, username }: BotRecord): TelegramBot {
  if (token === null) throw new Error(`@${username} has no token`);
  return { id, token, username };
}

function startWebhooks(ctx: Context, retryMs: number) {
  const webhooks = createWebhooks({
    unixTime: () => unixTime(ctx),
    changed: ctx.storage.changed,
    retryMs,
    async onAnswer(bot, answer) {
      if (typeof answer !== "object" || answer === null || !("method" in answer)) return;
      const { method, ...values } = answer;
      const made = call(ctx, bot, String(method), { values, files: new Map() }, new AbortController().signal);
      // As with Telegram, nobody learns whether a call in an answer worked.
      await made.catch((error: unknown) => {
        if (!(error instanceof ApiError)) throw error;
      });
    },
  });
  ctx.updates.onPush(webhooks.kick);
  for (const bot of ctx.storage.world.bots) webhooks.kick(bot);
  return webhooks;
}

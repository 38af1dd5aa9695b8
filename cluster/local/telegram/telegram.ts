import { EventEmitter } from "node:events";
import type { Message } from "grammy/types";
import { Hono } from "hono";
import type { StandIn } from "../http/stand-in.ts";
import { botApi } from "./bot-api.ts";
import { createBot, type NewBot, revokeToken } from "./botfather.ts";
import { clientApi } from "./client-api.ts";
import { type Context, openChat, requireBot, requirePerson } from "./context.ts";
import { pageRoutes } from "./page.ts";
import { createPerson, type Press, pressButton, sendAsUser, type UserSays } from "./person.ts";
import { openStorage } from "./storage.ts";
import { type Poller, Updates } from "./updates.ts";
import { type ReplyWish, waitForReply } from "./wait-for-reply.ts";
import { Webhooks } from "./webhook.ts";
import { DEMO_BOT, DEMO_USER_ID, type Person } from "./world.ts";

export interface TelegramBot {
  id: number;
  token: string;
  username: string;
}

/** `app` is the Bot API alone. */
export interface TelegramStandIn extends StandIn {
  /** The chat page and its API. Whoever reaches it can act as any user, so boxes must not. */
  chats: Hono;
  /** What is there from the beginning: a user, and a bot that BotFather made for this user. */
  demo: { user: Person; bot: TelegramBot };
  /** @throws Error that says what is wrong with the name */
  createBot(bot: NewBot): TelegramBot;
  /** The bot's new token; the old one is refused from now on. */
  revokeToken(bot: string): string;
  createUser(name: string): Person;
  sendAsUser(says: UserSays): Message;
  /** Returns the callback query's id. */
  pressButton(press: Press): string;
  /** The chat as the user sees it now, oldest first. */
  messagesWith(userId: number, bot: string): Message[];
  /** Resolves with the bot's first message that fits; follows edits. @throws Error after `timeoutMs` */
  waitForReply(wish: ReplyWish): Promise<Message>;
  /** Who has asked for updates, and who is waiting for them now. */
  pollers(): Poller[];
}

/**
 * Telegram as bots and people see it: the Bot API, BotFather, and a page to chat on.
 * @param options.storage a JSON file that keeps users, bots and chats over restarts; absent: in memory
 */
export function createTelegram(options: { storage?: string | undefined } = {}): TelegramStandIn {
  const storage = openStorage(options.storage);
  const webhooks = new Webhooks(storage.changed);
  const updates = new Updates(storage.changed, (bot) => webhooks.kick(bot));
  const ctx: Context = { storage, screens: new EventEmitter(), updates, queries: new Set() };
  // One listener per open page and waiting test, and no bound to them.
  ctx.screens.setMaxListeners(0);
  for (const bot of storage.world.bots) webhooks.kick(bot);
  const { id, username, token } = requireBot(ctx, DEMO_BOT);
  return {
    app: botApi(ctx),
    chats: new Hono().route("/client", clientApi(ctx)).route("/", pageRoutes()),
    demo: { user: requirePerson(ctx, DEMO_USER_ID), bot: { id, username, token: token ?? "" } },
    createBot: (bot) => createBot(ctx, bot),
    revokeToken: (bot) => revokeToken(ctx, requireBot(ctx, bot)),
    createUser: (name) => createPerson(ctx, name),
    sendAsUser: (says) => sendAsUser(ctx, says),
    pressButton: (press) => pressButton(ctx, press),
    messagesWith: (userId, bot) => structuredClone(openChat(ctx, userId, bot).dialog.messages),
    waitForReply: (wish) => waitForReply(ctx, wish),
    pollers: () => updates.pollers(),
    async close() {
      updates.close();
      webhooks.close();
      storage.flush();
    },
  };
}

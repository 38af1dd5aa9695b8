import type { CallbackQuery, User } from "grammy/types";
import type { Faults } from "./faults.ts";
import type { Feed } from "./feed.ts";
import type { Storage } from "./storage.ts";
import type { Updates } from "./updates.ts";
import type { BotRecord, Dialog, Person } from "./world.ts";

/** What every part of this stand-in works on. */
export interface Context {
  storage: Storage;
  feed: Feed;
  updates: Updates;
  faults: Faults;
  /** Pressed buttons that their bot has not answered yet, by query id. */
  queries: Map<string, { userId: number; query: CallbackQuery }>;
  now(): Date;
}

export const unixTime = (ctx: Pick<Context, "now">): number => Math.floor(ctx.now().getTime() / 1000);

export function findBot({ storage }: Context, username: string): BotRecord | undefined {
  const wanted = username.replace(/^@/, "").toLowerCase();
  return storage.world.bots.find((bot) => bot.username.toLowerCase() === wanted);
}

export const botById = ({ storage }: Context, id: number): BotRecord | undefined =>
  storage.world.bots.find((bot) => bot.id === id);

export const personById = ({ storage }: Context, id: number): Person | undefined =>
  storage.world.users.find((user) => user.id === id);

/** @throws Error that names what exists. */
export function requireBot(ctx: Context, username: string): BotRecord {
  const bot = findBot(ctx, username);
  if (bot) return bot;
  const known = ctx.storage.world.bots.map((each) => `@${each.username}`).join(", ");
  throw new Error(`there is no bot @${username}: create it first. There are ${known}`);
}

/** @throws Error */
export function requirePerson(ctx: Context, id: number): Person {
  const person = personById(ctx, id);
  if (person) return person;
  throw new Error(`there is no Telegram user ${id}: create it first`);
}

export const userOf = ({ id, ...rest }: Person): User => ({ id, is_bot: false, ...rest });

export const botUser = ({ id, name, username }: BotRecord): User => ({ id, is_bot: true, first_name: name, username });

export function dialogOf({ storage }: Context, userId: number, botId: number): Dialog {
  const { dialogs } = storage.world;
  const found = dialogs.find((dialog) => dialog.userId === userId && dialog.botId === botId);
  if (found) return found;
  const dialog: Dialog = { userId, botId, started: false, blocked: false, messages: [], unread: 0, keyboard: null };
  dialogs.push(dialog);
  return dialog;
}

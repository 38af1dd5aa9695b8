import type { EventEmitter } from "node:events";
import type { Message, User } from "grammy/types";
import type { Storage } from "./storage.ts";
import type { Updates } from "./updates.ts";
import type { BotRecord, Dialog, Person } from "./world.ts";

/** What a person's screen must show at once; `chats`: the list of them changed. */
export type ScreenEvent =
  | { type: "message" | "edited"; bot: string; message: Message }
  | { type: "deleted"; bot: string; message_id: number }
  | { type: "typing"; bot: string; action: string }
  | { type: "chats" };

/** The state shared by the parts of this stand-in. */
export interface Context {
  storage: Storage;
  screens: EventEmitter<{ show: [userId: number, event: ScreenEvent] }>;
  updates: Updates;
  /** Ids of the pressed buttons that their bot has not answered yet. */
  queries: Set<string>;
}

/** A private chat with both its sides. */
export interface Chat {
  bot: BotRecord;
  person: Person;
  dialog: Dialog;
}

export function findBot({ storage }: Context, username: string): BotRecord | undefined {
  const wanted = username.replace(/^@/, "").toLowerCase();
  return storage.world.bots.find((bot) => bot.username.toLowerCase() === wanted);
}

/** @throws Error that names what exists. */
export function requireBot(ctx: Context, username: string): BotRecord {
  const bot = findBot(ctx, username);
  if (bot) return bot;
  const known = ctx.storage.world.bots.map((each) => `@${each.username}`).join(", ");
  throw new Error(`there is no bot @${username}: create it first. There are ${known}`);
}

export const findPerson = ({ storage }: Context, id: number): Person | undefined =>
  storage.world.users.find((user) => user.id === id);

/** @throws Error */
export function requirePerson(ctx: Context, id: number): Person {
  const person = findPerson(ctx, id);
  if (person) return person;
  throw new Error(`there is no Telegram user ${id}: create it first`);
}

export function chatOf({ storage }: Context, bot: BotRecord, person: Person): Chat {
  const { dialogs } = storage.world;
  const found = dialogs.find(({ userId, botId }) => userId === person.id && botId === bot.id);
  if (found) return { bot, person, dialog: found };
  const dialog: Dialog = { userId: person.id, botId: bot.id, started: false, messages: [] };
  dialogs.push(dialog);
  return { bot, person, dialog };
}

/** @throws Error that says which of them there is not */
export const openChat = (ctx: Context, userId: number, bot: string): Chat =>
  chatOf(ctx, requireBot(ctx, bot), requirePerson(ctx, userId));

export const userOf = ({ id, ...rest }: Person): User => ({ id, is_bot: false, ...rest });

export const botUser = ({ id, name, username }: BotRecord): User => ({ id, is_bot: true, first_name: name, username });

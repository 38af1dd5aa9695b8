import type { BotCommand, Message, ReplyKeyboardMarkup, Update } from "grammy/types";
import { newToken } from "./token.ts";

/** Somebody who uses Telegram. */
export interface Person {
  id: number;
  first_name: string;
  username?: string;
  language_code: string;
}

export interface Webhook {
  url: string;
  secretToken: string | null;
  maxConnections: number;
  /** Unix seconds and text of the last delivery that failed. */
  lastErrorDate: number | null;
  lastErrorMessage: string | null;
}

export interface BotRecord {
  id: number;
  username: string;
  name: string;
  /** null: nobody drives it from outside (BotFather). */
  token: string | null;
  ownerId: number | null;
  /** The bot that may read and replace this one's token. */
  managerId: number | null;
  canManageBots: boolean;
  access: { restricted: boolean; userIds: number[] };
  /** By language; "" is the default. */
  descriptions: Record<string, string>;
  shortDescriptions: Record<string, string>;
  names: Record<string, string>;
  /** By scope and language. */
  commands: Record<string, BotCommand[]>;
  nextMessageId: number;
  nextUpdateId: number;
  updates: Update[];
  /** null: Telegram's default set. */
  allowedUpdates: string[] | null;
  webhook: Webhook | null;
}

/** The private chat of one user with one bot. */
export interface Dialog {
  userId: number;
  botId: number;
  /** A bot may not write to somebody who never started it. */
  started: boolean;
  blocked: boolean;
  messages: Message[];
  unread: number;
  keyboard: ReplyKeyboardMarkup | null;
}

/** Everything that survives a restart, as it is stored. */
export interface World {
  users: Person[];
  bots: BotRecord[];
  dialogs: Dialog[];
  nextUserId: number;
  nextBotId: number;
}

export const BOTFATHER = "BotFather";
export const DEMO_USER_ID = 1001;
export const DEMO_BOT = "demo_agent_bot";

export function newBotRecord(bot: Pick<BotRecord, "id" | "username" | "name" | "token" | "ownerId">): BotRecord {
  return {
    ...bot,
    managerId: null,
    canManageBots: false,
    access: { restricted: false, userIds: [] },
    descriptions: {},
    shortDescriptions: {},
    names: {},
    commands: {},
    nextMessageId: 1,
    nextUpdateId: 100_000_001,
    updates: [],
    allowedUpdates: null,
    webhook: null,
  };
}

/** Ada, BotFather, and one bot that BotFather made for Ada: ids are always the same, the token never is. */
export function newWorld(): World {
  const demo = 7_000_000_001;
  return {
    users: [{ id: DEMO_USER_ID, first_name: "Ada", username: "ada", language_code: "en" }],
    bots: [
      newBotRecord({ id: 93_372_553, username: BOTFATHER, name: BOTFATHER, token: null, ownerId: null }),
      newBotRecord({
        id: demo,
        username: DEMO_BOT,
        name: "Demo Agent",
        token: newToken(demo),
        ownerId: DEMO_USER_ID,
      }),
    ],
    dialogs: [],
    nextUserId: DEMO_USER_ID + 1,
    nextBotId: demo + 1,
  };
}

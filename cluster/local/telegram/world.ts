import { randomBytes, randomInt } from "node:crypto";
import type { BotCommand, Message, Update } from "grammy/types";

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
}

export interface BotRecord {
  id: number;
  username: string;
  name: string;
  /** null: nobody drives it from outside (BotFather). */
  token: string | null;
  ownerId: number | null;
  /** By scope and language. */
  commands: Record<string, BotCommand[]>;
  nextMessageId: number;
  nextUpdateId: number;
  updates: Update[];
  /** null: every kind. */
  allowedUpdates: string[] | null;
  webhook: Webhook | null;
}

/** The private chat of one user with one bot. */
export interface Dialog {
  userId: number;
  botId: number;
  /** A bot may not write to somebody who never started it. */
  started: boolean;
  messages: Message[];
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
const BOTFATHERS_COMMANDS = [
  { command: "newbot", description: "create a new bot" },
  { command: "mybots", description: "your bots and their tokens" },
  { command: "revoke", description: "a new token for a bot" },
];
export const DEMO_USER_ID = 1001;
export const DEMO_BOT = "demo_agent_bot";

/** Like Telegram's: the bot's id, a colon, and 35 characters, of which the first two are always AA. */
export const newToken = (botId: number): string => `${botId}:AA${randomBytes(25).toString("base64url").slice(0, 33)}`;

export function newBotRecord(bot: Pick<BotRecord, "id" | "username" | "name" | "token" | "ownerId">): BotRecord {
  return {
    ...bot,
    commands: {},
    nextMessageId: 1,
    // Each bot's updates begin elsewhere, as at Telegram: who keeps one bot's place must not fit another's by chance.
    nextUpdateId: randomInt(100_000_000, 900_000_000),
    updates: [],
    allowedUpdates: null,
    webhook: null,
  };
}

/** Ada, BotFather, and one bot that BotFather made for Ada: their ids are always the same, the token never is. */
export function newWorld(): World {
  const father = newBotRecord({ id: 93_372_553, username: BOTFATHER, name: BOTFATHER, token: null, ownerId: null });
  const id = 7_000_000_001;
  const demo = { id, username: DEMO_BOT, name: "Demo Agent", token: newToken(id), ownerId: DEMO_USER_ID };
  return {
    users: [{ id: DEMO_USER_ID, first_name: "Ada", username: "ada", language_code: "en" }],
    bots: [{ ...father, commands: { "default/": BOTFATHERS_COMMANDS } }, newBotRecord(demo)],
    dialogs: [],
    nextUserId: DEMO_USER_ID + 1,
    nextBotId: id + 1,
  };
}

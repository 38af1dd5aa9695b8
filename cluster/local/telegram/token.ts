import { randomBytes } from "node:crypto";

/** As Telegram's look: the bot's id, a colon, 35 characters of which the first two are always AA. */
export const newToken = (botId: number): string => `${botId}:AA${randomBytes(25).toString("base64url").slice(0, 33)}`;

/** Telegram answers 404 to what can't be a token, and 401 to a token that is nobody's. */
export const isWellFormed = (token: string): boolean => /^\d{1,20}:[A-Za-z0-9_-]{30,64}$/.test(token);

/** What the edge asks of Telegram's Bot API, by grammY's client. Each answer is checked before it is believed. */
import { Api, GrammyError } from "grammy/web";
import * as z from "zod";
import { AppError } from "#schema/domain/errors.ts";
import type { Config } from "../config.ts";

const TIMEOUT_SECONDS = 5;

const Bot = z.object({ id: z.int(), is_bot: z.literal(true), username: z.string() });
export type Bot = Pick<z.infer<typeof Bot>, "id" | "username">;

export interface Telegram {
  /** The token's bot; undefined if Telegram rejects the token. Throws `upstream_unavailable`. */
  getMe(token: string): Promise<Bot | undefined>;
  /** Deletes the bot's webhook and commands; nothing if Telegram rejects the token. Throws `upstream_unavailable`. */
  letGo(token: string): Promise<void>;
}

/** Where OpenClaw shows its commands; each has a list of its own. */
const SCOPES = ["default", "all_group_chats"] as const;

export function createTelegram(
  { TELEGRAM_API_ROOT: apiRoot }: Pick<Config, "TELEGRAM_API_ROOT">,
  timeoutSeconds = TIMEOUT_SECONDS,
): Telegram {
  const botOf = (token: string) => new Api(token, { apiRoot, timeoutSeconds });
  return {
    async getMe(token) {
      const bot = await answered(Bot, () => botOf(token).getMe());
      return bot && { id: bot.id, username: bot.username };
    },
    async letGo(token) {
      const api = botOf(token);
      await Promise.all([
        answered(z.literal(true), () => api.deleteWebhook()),
        ...SCOPES.map((type) => answered(z.literal(true), () => api.deleteMyCommands({ scope: { type } }))),
      ]);
    },
  };
}

/**
 * Undefined where Telegram refuses the token. grammY's errors end here: they hold what was asked, and the error below
 * may name the address, of which the token is a part.
 */
async function answered<T>(schema: z.ZodType<T>, ask: () => Promise<unknown>): Promise<T | undefined> {
  try {
    return schema.parse(await ask());
  } catch (error) {
    // Telegram answers 404 to a malformed token.
    if (error instanceof GrammyError && [401, 404].includes(error.error_code)) return undefined;
    throw new AppError("upstream_unavailable", "Telegram does not answer", { retryAfter: 10 });
  }
}

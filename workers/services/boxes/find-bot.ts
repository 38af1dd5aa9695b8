/** The bot of a token that a box is to get. */
import { and, eq, ne } from "drizzle-orm";
import { boxes } from "#schema/db/schema.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Ctx } from "../../context.ts";
import type { Bot } from "../../integrations/telegram.ts";

export interface FoundBot {
  /** Undefined if Telegram refuses the token. */
  bot: Bot | undefined;
  /** By another box than the one that is to get it. */
  isUsed: boolean;
}

/** Throws `upstream_unavailable`. */
export async function findBot(ctx: Ctx, token: string, boxId?: string): Promise<FoundBot> {
  // In parallel: a token begins with its bot's id, so the second needs no call to Telegram.
  const botId = Number(token.split(":", 1)[0]);
  const [bot, used] = await Promise.all([
    ctx.telegram.getMe(token),
    ctx.db
      .select({ id: boxes.id })
      .from(boxes)
      .where(
        and(
          eq(boxes.telegramBotId, botId),
          ne(boxes.status, "destroyed"),
          boxId === undefined ? undefined : ne(boxes.id, boxId),
        ),
      ),
  ]);
  return { bot, isUsed: used.length > 0 };
}

/** Throws `invalid_request` (the token), `conflict` (another box's bot). */
export function usableBot({ bot, isUsed }: FoundBot): Bot {
  if (!bot) throw refusedBotToken();
  if (isUsed) throw new AppError("conflict", `The Telegram bot @${bot.username} already belongs to another box`);
  return bot;
}

const refusedBotToken = (): AppError =>
  new AppError("invalid_request", "Telegram does not know this bot token", {
    fields: [
      { pointer: "/telegram_bot_token", detail: "was rejected by Telegram: get the current one from @BotFather" },
    ],
  });

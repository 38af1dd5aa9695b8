/** A box's bot is replaced: by the same bot with a new token, or by another one. */
import { type SQL, sql } from "drizzle-orm";
import type { Ctx } from "../../context.ts";
import type { Bot } from "../../integrations/telegram.ts";
import { logError } from "../../log.ts";
import { placeOfBotToken } from "./bot-token.ts";
import { findBot, usableBot } from "./find-bot.ts";
import type { OwnedBox } from "./owned-box.ts";

export interface Replacement {
  set: readonly SQL[];
  /** For the audit log: names, which everybody may see, and never a token. */
  detail: Record<string, string>;
  bot: Bot;
}

/** Throws `invalid_request` (the token), `conflict` (another box's bot), `upstream_unavailable`. */
export async function replaceBot(ctx: Ctx, box: OwnedBox, token: string): Promise<Replacement> {
  const [found, sealed] = await Promise.all([findBot(ctx, token, box.id), ctx.vault.seal(placeOfBotToken(box), token)]);
  const bot = usableBot(found);
  return {
    bot,
    set: [
      sql`telegram_bot_id = ${bot.id}::bigint`,
      sql`telegram_bot_username = ${bot.username}`,
      sql`telegram_bot_token_sealed = ${sealed}`,
    ],
    detail: { bot: `@${bot.username}`, bot_before: `@${box.telegramBotUsername}` },
  };
}

/**
 * Takes our traces off the bot that a box no longer has, so that its owner finds it as it was. After the answer: a bot whose
 * token was revoked, or a Telegram that is away, holds up nobody.
 */
export function letGoOfBot(ctx: Ctx, box: OwnedBox): void {
  const letGo = async () => ctx.telegram.letGo(await ctx.vault.open(placeOfBotToken(box), box.telegramBotTokenSealed));
  const about = { box_id: box.id, outcome: "its webhook and commands stay" };
  ctx.defer(letGo().catch((error: unknown) => logError("old-bot", ctx.requestId, error, about, "warn")));
}

import { telegramBotToken } from "#schema/contracts/internal.ts";
import { CommandError, EXIT } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

/** A bot's token, typed unseen or from standard input. Throws `usage` for what is none. */
export async function readBotToken(terminal: Terminal): Promise<string> {
  const given = terminal.interactive
    ? await terminal.ask("The bot's token, as @BotFather gives it (not shown): ", { hidden: true })
    : await terminal.readInput();
  const token = given.trim();
  if (telegramBotToken.safeParse(token).success) return token;
  throw new CommandError(EXIT.usage, "That is no bot token: nothing was sent.");
}

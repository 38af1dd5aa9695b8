import type { Context } from "./context.ts";
import { botById, botUser, findBot, requirePerson, userOf } from "./context.ts";
import { newToken } from "./token.ts";
import { type BotRecord, newBotRecord } from "./world.ts";

export interface NewBot {
  username: string;
  name: string;
  ownerId?: number | null;
}

/** Why a username can't be a bot's, as BotFather would say it; undefined if it can. */
export function usernameProblem(ctx: Context, username: string): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_]{4,31}$/.test(username)) {
    return "Sorry, this username is invalid: 5 to 32 letters, digits and underscores, beginning with a letter.";
  }
  if (!/bot$/i.test(username)) return "Sorry, the username must end in 'bot', like TetrisBot or tetris_bot.";
  if (findBot(ctx, username)) return "Sorry, this username is already taken. Please try something different.";
  return undefined;
}

/** @throws Error that says what is wrong with the name or username. */
export function createBot(ctx: Context, { username, name, ownerId = null }: NewBot): BotRecord & { token: string } {
  const problem = usernameProblem(ctx, username);
  if (problem) throw new Error(problem);
  if (name.trim() === "" || Array.from(name).length > 64)
    throw new Error("Please choose a name of 1 to 64 characters.");
  const { world } = ctx.storage;
  const id = world.nextBotId++;
  const token = newToken(id);
  const bot = newBotRecord({ id, username, name: name.trim(), token, ownerId });
  world.bots.push(bot);
  ctx.storage.changed();
  if (ownerId !== null) ctx.feed.publish(ownerId, { type: "chats" });
  return { ...bot, token };
}

/** The old token stops at once, also for a long poll that is open. Tells the bot's manager. */
export function replaceToken(ctx: Context, bot: BotRecord): string {
  const token = newToken(bot.id);
  bot.token = token;
  ctx.storage.changed();
  tellManager(ctx, bot);
  return token;
}

/**
 * A bot that its owner lets another bot manage: what `t.me/newbot/<manager>/<username>` and the keyboard button
 * of `request_managed_bot` end in (core.telegram.org/api/bots/managed-bots).
 * @throws Error
 */
export function createManagedBot(ctx: Context, manager: BotRecord, bot: NewBot & { ownerId: number }): BotRecord {
  if (!manager.canManageBots) {
    throw new Error(
      `@${manager.username} doesn't manage bots: its owner can turn Bot Management Mode on in @BotFather.`,
    );
  }
  requirePerson(ctx, bot.ownerId);
  createBot(ctx, bot);
  const created = findBot(ctx, bot.username);
  if (!created) throw new Error(`@${bot.username} was not created`);
  created.managerId = manager.id;
  tellManager(ctx, created);
  return created;
}

function tellManager(ctx: Context, bot: BotRecord): void {
  const manager = bot.managerId === null ? undefined : botById(ctx, bot.managerId);
  if (!manager || bot.ownerId === null) return;
  const user = userOf(requirePerson(ctx, bot.ownerId));
  ctx.updates.push(manager, { managed_bot: { user, bot: botUser(bot) } });
}

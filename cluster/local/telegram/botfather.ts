import { unauthorized } from "./api-error.ts";
import { type Chat, type Context, findBot } from "./context.ts";
import { type BotRecord, newBotRecord, newToken } from "./world.ts";

export interface NewBot {
  username: string;
  name: string;
  ownerId?: number | null;
}

/** @throws Error that says, as BotFather would, what is wrong with the name or username. */
export function createBot(ctx: Context, { username, name, ownerId = null }: NewBot): BotRecord & { token: string } {
  const problem = usernameProblem(ctx, username);
  if (problem) throw new Error(problem);
  if (name.trim() === "" || name.length > 64) throw new Error("Please choose a name of 1 to 64 characters.");
  const { world } = ctx.storage;
  const id = world.nextBotId++;
  const token = newToken(id);
  const bot = newBotRecord({ id, username, name: name.trim(), token, ownerId });
  world.bots.push(bot);
  ctx.storage.changed();
  if (ownerId !== null) ctx.screens.emit("show", ownerId, { type: "chats" });
  return { ...bot, token };
}

function usernameProblem(ctx: Context, username: string): string | undefined {
  if (!/^[a-z]\w{1,28}bot$/i.test(username)) {
    return "Sorry, a username has 5 to 32 letters, digits and underscores, and must end in 'bot', like tetris_bot.";
  }
  if (findBot(ctx, username)) return "Sorry, this username is already taken. Please try something different.";
  return undefined;
}

/** A person's progress in making a bot. Kept while the program runs. */
const naming = new WeakMap<object, { name?: string }>();

const HELP = `I can help you create Telegram bots.

/newbot - create a new bot
/mybots - your bots and their tokens
/revoke - a new token for a bot: /revoke @name`;

const ASK_NAME = "Alright, a new bot. How are we going to call it? Please choose a name for your bot.";
const ASK_USERNAME =
  "Good. Now let's choose a username for your bot. It must end in 'bot': TetrisBot or tetris_bot, for example.";

/** BotFather's side of the chat, in HTML (core.telegram.org/bots/features#botfather). */
export function answerOfBotFather(ctx: Context, { dialog, person }: Chat, text: string): string {
  const said = text.trim();
  if (said.startsWith("/")) naming.delete(dialog);
  if (said === "/newbot") naming.set(dialog, {});
  if (said === "/mybots") return botsOf(ctx, person.id);
  if (said.startsWith("/revoke")) return revoked(ctx, person.id, said.slice("/revoke".length).trim());
  const state = naming.get(dialog);
  if (!state) return HELP;
  if (said === "" || said === "/newbot") return ASK_NAME;
  if (state.name === undefined) {
    state.name = said.slice(0, 64);
    return ASK_USERNAME;
  }
  const username = said.replace(/^@/, "");
  const problem = usernameProblem(ctx, username);
  if (problem) return problem;
  naming.delete(dialog);
  const { token } = createBot(ctx, { username, name: state.name, ownerId: person.id });
  return (
    `Done! Congratulations on your new bot. You will find @${username} among your chats.\n\n` +
    `Use this token to access the HTTP API:\n<code>${token}</code>\n` +
    "Keep it secret: whoever has it controls your bot."
  );
}

/** Whoever polls with the old token is cut off at once, as at Telegram. */
export function revokeToken(ctx: Context, bot: BotRecord): string {
  const token = newToken(bot.id);
  bot.token = token;
  ctx.storage.changed();
  ctx.updates.interrupt(bot, unauthorized());
  return token;
}

function revoked(ctx: Context, personId: number, name: string): string {
  const bot = findBot(ctx, name);
  if (!bot || bot.ownerId !== personId) return "You have no such bot. Say which: /revoke @name. /mybots lists them.";
  return `The old token no longer works. The new one of @${bot.username}:\n<code>${revokeToken(ctx, bot)}</code>`;
}

function botsOf({ storage }: Context, personId: number): string {
  const bots = storage.world.bots.filter(({ ownerId }) => ownerId === personId);
  const lines = bots.map(({ username, token }) => `@${username}\n<code>${token}</code>`);
  return lines.join("\n\n") || "You have no bots yet. Use /newbot to create one.";
}

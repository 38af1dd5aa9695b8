import type { CallbackQuery, InlineKeyboardButton } from "grammy/types";
import { createBot, replaceToken, usernameProblem } from "./bots.ts";
import { type PrivateChat, post } from "./chat.ts";
import { type Context, findBot } from "./context.ts";
import { formatText } from "./format/format-text.ts";
import type { BotRecord } from "./world.ts";

/** Where a person stands in making a bot. Kept for as long as the program runs. */
const naming = new WeakMap<object, { name?: string }>();

/** What BotFather says, as HTML, and the buttons below. */
interface Says {
  html: string;
  rows?: InlineKeyboardButton[][];
}

const HELP = `I can help you create and manage Telegram bots.

/newbot - create a new bot
/mybots - your bots, their tokens and settings
/revoke - replace the token of a bot
/cancel - stop what we are doing`;

const NO_BOTS = "You have no bots yet. Use /newbot to create one.";
const ASK_NAME = "Alright, a new bot. How are we going to call it? Please choose a name for your bot.";
const ASK_USERNAME =
  "Good. Now let's choose a username for your bot. It must end in 'bot': TetrisBot or tetris_bot, for example.";

/** BotFather's side of the chat (core.telegram.org/bots/features#botfather). */
export function tellBotFather(ctx: Context, father: BotRecord, chat: PrivateChat, text: string): void {
  speak(ctx, father, chat, answerTo(ctx, chat, text));
}

function answerTo(ctx: Context, chat: PrivateChat, text: string): Says {
  const command = /^\/(\w+)/.exec(text)?.[1]?.toLowerCase();
  if (command !== undefined) return obey(ctx, chat, command);
  const state = naming.get(chat.dialog);
  if (!state) return { html: HELP };
  if (state.name !== undefined) return finish(ctx, chat, state.name, text.trim().replace(/^@/, ""));
  state.name = text.trim();
  return { html: ASK_USERNAME };
}

function obey(ctx: Context, chat: PrivateChat, command: string): Says {
  naming.delete(chat.dialog);
  switch (command) {
    case "newbot":
      naming.set(chat.dialog, {});
      return { html: ASK_NAME };
    case "mybots":
      return choose(ctx, chat, "Choose a bot from the list below:", "bot");
    case "revoke":
      return choose(ctx, chat, "Choose the bot whose token shall be replaced:", "revoke");
    case "cancel":
      return { html: "Done. Anything else I can do for you?" };
    default:
      return { html: HELP };
  }
}

function finish(ctx: Context, chat: PrivateChat, name: string, username: string): Says {
  const problem = usernameProblem(ctx, username);
  if (problem) return { html: problem };
  const { token } = createBot(ctx, { username, name: name.slice(0, 64), ownerId: chat.person.id });
  naming.delete(chat.dialog);
  return {
    html:
      `Done! Congratulations on your new bot. You will find it at t.me/${username}.\n\n` +
      `Use this token to access the HTTP API:\n<code>${token}</code>\n` +
      "Keep it secret: whoever has it controls your bot.",
  };
}

function choose({ storage }: Context, { person }: PrivateChat, html: string, action: string): Says {
  const bots = storage.world.bots.filter(({ ownerId }) => ownerId === person.id);
  if (bots.length === 0) return { html: NO_BOTS };
  return { html, rows: bots.map(({ username }) => [button(`@${username}`, `${action} ${username}`)]) };
}

const button = (text: string, callback_data: string): InlineKeyboardButton => ({ text, callback_data });

/** A button below one of BotFather's messages was pressed. */
export function pressBotFather(ctx: Context, father: BotRecord, chat: PrivateChat, query: CallbackQuery): void {
  ctx.queries.delete(query.id);
  ctx.feed.publish(chat.person.id, { type: "callback_answer", bot: father.username, id: query.id, show_alert: false });
  const [action = "", username = ""] = (query.data ?? "").split(" ");
  const bot = findBot(ctx, username);
  const says = bot?.ownerId === chat.person.id ? act(ctx, bot, action) : { html: "This bot is not yours." };
  speak(ctx, father, chat, says);
}

function act(ctx: Context, bot: BotRecord, action: string): Says {
  switch (action) {
    case "token":
      return { html: `Here is the token of @${bot.username}:\n\n<code>${bot.token}</code>` };
    case "revoke":
      return { html: `The old token stopped working. The new one:\n\n<code>${replaceToken(ctx, bot)}</code>` };
    case "manage":
      bot.canManageBots = !bot.canManageBots;
      ctx.storage.changed();
      return menuOf(bot);
    default:
      return menuOf(bot);
  }
}

const menuOf = ({ username, canManageBots }: BotRecord): Says => ({
  html: `Here it is: @${username}. What do you want to do with the bot?`,
  rows: [
    [button("API Token", `token ${username}`), button("Revoke token", `revoke ${username}`)],
    [button(`Bot Management Mode: ${canManageBots ? "on" : "off"}`, `manage ${username}`)],
  ],
});

function speak(ctx: Context, father: BotRecord, chat: PrivateChat, { html, rows }: Says): void {
  const { text, entities } = formatText({ text: html, parseMode: "HTML" }, 4096);
  const markup = rows && { reply_markup: { inline_keyboard: rows } };
  post(ctx, father, chat, "bot", { text, ...(entities.length > 0 && { entities }), ...markup });
}

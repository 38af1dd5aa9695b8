import type { Message } from "grammy/types";
import { type Context, dialogOf, requirePerson } from "./context.ts";
import { BOTFATHER, type BotRecord } from "./world.ts";

/** The left side of the page: who chats, and with whom. */
export function chatList(ctx: Context, userId: number) {
  const me = requirePerson(ctx, userId);
  const { users, bots } = ctx.storage.world;
  const chats = bots.map((bot) => {
    const { messages, unread, started } = dialogOf(ctx, userId, bot.id);
    const last = messages.at(-1);
    return {
      ...face(bot),
      unread,
      started,
      last: last && { text: preview(last), date: last.date, mine: last.from?.id === userId },
    };
  });
  return { me, users, chats: chats.sort((a, b) => (b.last?.date ?? 0) - (a.last?.date ?? 0)) };
}

/** The right side. Opening a chat reads it. */
export function openedChat(ctx: Context, userId: number, bot: BotRecord) {
  const dialog = dialogOf(ctx, requirePerson(ctx, userId).id, bot.id);
  if (dialog.unread > 0) ctx.storage.changed();
  dialog.unread = 0;
  const { messages, keyboard, started, blocked } = dialog;
  const commands = bot.commands["default/"] ?? bot.commands["all_private_chats/"] ?? [];
  return {
    bot: face(bot),
    messages,
    keyboard,
    started,
    blocked,
    commands: bot.username === BOTFATHER ? FATHERS : commands,
  };
}

const FATHERS = [
  { command: "newbot", description: "create a new bot" },
  { command: "mybots", description: "your bots and their tokens" },
  { command: "revoke", description: "replace a token" },
];

const face = (bot: BotRecord) => ({
  id: bot.id,
  username: bot.username,
  name: bot.name,
  description: bot.descriptions[""] ?? "",
  verified: bot.username === BOTFATHER,
});

function preview({ text, caption, photo, document, managed_bot_created }: Message): string {
  if (text !== undefined) return text.slice(0, 120);
  if (managed_bot_created) return `Created @${managed_bot_created.bot.username}`;
  return caption?.slice(0, 120) ?? (photo ? "Photo" : (document?.file_name ?? "File"));
}

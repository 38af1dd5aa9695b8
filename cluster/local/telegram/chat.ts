import type { Chat, Message } from "grammy/types";
import { badRequest, forbidden } from "./api-error.ts";
import { botUser, type Context, dialogOf, personById, unixTime, userOf } from "./context.ts";
import type { BotRecord, Dialog, Person } from "./world.ts";

/** A private chat as a bot sees it: the other side's name, and the user's id as the chat's. */
export interface PrivateChat {
  person: Person;
  dialog: Dialog;
}

const KEPT_MESSAGES = 500;

/** Only users have chats here: no groups, no channels. @throws ApiError in Telegram's words */
export function findChat(ctx: Context, bot: BotRecord, chatId: number | string | undefined): PrivateChat {
  if (chatId === undefined || chatId === "") throw badRequest("chat_id is empty");
  const person = typeof chatId === "number" ? personById(ctx, chatId) : undefined;
  if (!person) throw badRequest("chat not found");
  return { person, dialog: dialogOf(ctx, person.id, bot.id) };
}

/** The same, for calls that write into it. @throws ApiError */
export function writableChat(ctx: Context, bot: BotRecord, chatId: number | string | undefined): PrivateChat {
  const chat = findChat(ctx, bot, chatId);
  if (chat.dialog.blocked) throw forbidden("bot was blocked by the user");
  if (!chat.dialog.started) throw forbidden("bot can't initiate conversation with a user");
  return chat;
}

export const chatOf = ({ id, first_name, username }: Person): Chat.PrivateChat => ({
  id,
  type: "private",
  first_name,
  ...(username && { username }),
});

export type Content = Omit<Message, "message_id" | "date" | "chat" | "from">;

/** Puts a message into the chat and onto the user's screen. */
export function post(
  ctx: Context,
  bot: BotRecord,
  { person, dialog }: PrivateChat,
  sender: "bot" | "user",
  content: Content,
): Message {
  const message: Message = {
    message_id: bot.nextMessageId++,
    from: sender === "bot" ? botUser(bot) : userOf(person),
    chat: chatOf(person),
    date: unixTime(ctx),
    ...content,
  };
  dialog.messages.push(message);
  if (dialog.messages.length > KEPT_MESSAGES) dialog.messages.shift();
  if (sender === "bot") dialog.unread++;
  ctx.storage.changed();
  ctx.feed.publish(person.id, { type: "message", bot: bot.username, message });
  return message;
}

export const findMessage = ({ messages }: Dialog, id: number | undefined): Message | undefined =>
  messages.find(({ message_id }) => message_id === id);

/** Swaps a message for its newer form. */
export function replace(ctx: Context, bot: BotRecord, { person, dialog }: PrivateChat, message: Message): Message {
  dialog.messages = dialog.messages.map((each) => (each.message_id === message.message_id ? message : each));
  ctx.storage.changed();
  ctx.feed.publish(person.id, { type: "edited", bot: bot.username, message });
  return message;
}

export function remove(ctx: Context, bot: BotRecord, { person, dialog }: PrivateChat, ids: readonly number[]): void {
  dialog.messages = dialog.messages.filter(({ message_id }) => !ids.includes(message_id));
  ctx.storage.changed();
  ctx.feed.publish(person.id, { type: "deleted", bot: bot.username, message_ids: [...ids] });
}

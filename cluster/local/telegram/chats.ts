import type { Chat as ApiChat, Message } from "grammy/types";
import { badRequest, forbidden } from "./api-error.ts";
import { botUser, type Chat, type Context, chatOf, findPerson, userOf } from "./context.ts";
import type { BotRecord, Dialog, Person } from "./world.ts";

export type Content = Omit<Message, "message_id" | "date" | "chat" | "from">;

const KEPT_MESSAGES = 500;

export const unixTime = (): number => Math.floor(Date.now() / 1000);

/** Only users have chats here: no groups, no channels. @throws ApiError in Telegram's words */
export function findChat(ctx: Context, bot: BotRecord, chatId: number): Chat {
  const person = findPerson(ctx, chatId);
  if (!person) throw badRequest("chat not found");
  return chatOf(ctx, bot, person);
}

/** The same, for calls that write into it. @throws ApiError */
export function writableChat(ctx: Context, bot: BotRecord, chatId: number): Chat {
  const chat = findChat(ctx, bot, chatId);
  if (!chat.dialog.started) throw forbidden("bot can't initiate conversation with a user");
  return chat;
}

/** The chat as its bot sees it: the person's name, and the person's id as the chat's. */
export const apiChat = ({ id, first_name, username }: Person): ApiChat.PrivateChat => ({
  id,
  type: "private",
  first_name,
  ...(username && { username }),
});

/** Puts a message into the chat and onto the person's screen. */
export function post(ctx: Context, chat: Chat, sender: "bot" | "person", content: Content): Message {
  const { bot, person, dialog } = chat;
  const message: Message = {
    message_id: bot.nextMessageId++,
    from: sender === "bot" ? botUser(bot) : userOf(person),
    chat: apiChat(person),
    date: unixTime(),
    ...content,
  };
  dialog.messages = [...dialog.messages, message].slice(-KEPT_MESSAGES);
  ctx.storage.changed();
  ctx.screens.emit("show", person.id, { type: "message", bot: bot.username, message });
  return message;
}

export const findMessage = ({ messages }: Dialog, id: number | undefined): Message | undefined =>
  messages.find(({ message_id }) => message_id === id);

/** Swaps a message for its newer form. */
export function replace(ctx: Context, { bot, person, dialog }: Chat, message: Message): Message {
  dialog.messages = dialog.messages.map((each) => (each.message_id === message.message_id ? message : each));
  ctx.storage.changed();
  ctx.screens.emit("show", person.id, { type: "edited", bot: bot.username, message });
  return message;
}

export function remove(ctx: Context, { bot, person, dialog }: Chat, message_id: number): void {
  dialog.messages = dialog.messages.filter((each) => each.message_id !== message_id);
  ctx.storage.changed();
  ctx.screens.emit("show", person.id, { type: "deleted", bot: bot.username, message_id });
}

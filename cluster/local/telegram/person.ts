import { randomUUID } from "node:crypto";
import type { CallbackQuery, Message } from "grammy/types";
import { answerOfBotFather } from "./botfather.ts";
import { type Content, findMessage, post } from "./chats.ts";
import { type Context, openChat, userOf } from "./context.ts";
import { type MediaKind, mediaContent, type Upload } from "./files.ts";
import { formatText } from "./format-text.ts";
import { LONGEST_TEXT, textContent } from "./methods/content.ts";
import type { NewUpdate } from "./updates.ts";
import { BOTFATHER, type Person } from "./world.ts";

/** @throws Error if the name is empty or too long */
export function createPerson(ctx: Context, name: string): Person {
  const { world } = ctx.storage;
  const first_name = name.trim();
  if (first_name === "" || first_name.length > 64) throw new Error("A name has 1 to 64 characters.");
  const person = { id: world.nextUserId++, first_name, language_code: "en" };
  world.users.push(person);
  ctx.storage.changed();
  return person;
}

export interface UserSays {
  userId: number;
  /** Username */
  bot: string;
  text?: string;
  /** A picture becomes a photo, a recording (`audio/ogg`) a voice message, anything else a document. */
  file?: Upload;
}

/** What happens when a person writes in Telegram's app. @throws Error that says what is wrong */
export function sendAsUser(ctx: Context, { userId, bot: username, ...says }: UserSays): Message {
  const chat = openChat(ctx, userId, username);
  const content = contentOf(ctx, says);
  chat.dialog.started = true;
  const message = post(ctx, chat, "person", content);
  if (chat.bot.username !== BOTFATHER) ctx.updates.push(chat.bot, asUpdate(message));
  else post(ctx, chat, "bot", textContent({ text: answerOfBotFather(ctx, chat, says.text ?? ""), parse_mode: "HTML" }));
  return message;
}

const asUpdate = (message: Message) => ({ message }) as NewUpdate;

function contentOf(ctx: Context, { text: source = "", file }: Pick<UserSays, "text" | "file">): Content {
  if (!file) return textContent({ text: source });
  const { text, entities } = formatText(source, undefined, LONGEST_TEXT);
  const media = mediaContent(ctx, kindOf(file), file);
  return { ...media, ...(text && { caption: text }), ...(entities.length > 0 && { caption_entities: entities }) };
}

function kindOf({ mimeType }: Upload): MediaKind {
  if (mimeType.startsWith("image/")) return "photo";
  return mimeType === "audio/ogg" ? "voice" : "document";
}

export interface Press {
  userId: number;
  bot: string;
  messageId: number;
  /** The button's callback data. */
  data: string;
}

/** Presses a button below a message. Returns the query's id, which the bot answers. @throws Error */
export function pressButton(ctx: Context, { userId, bot: username, messageId, data }: Press): string {
  const { bot, person, dialog } = openChat(ctx, userId, username);
  const message = findMessage(dialog, messageId);
  const buttons = message?.reply_markup?.inline_keyboard.flat() ?? [];
  if (!message || !buttons.some((each) => "callback_data" in each && each.callback_data === data)) {
    throw new Error(`@${username} shows user ${userId} no button "${data}"`);
  }
  const from = userOf(person);
  const query: CallbackQuery = { id: randomUUID(), from, message, chat_instance: String(userId), data };
  ctx.queries.add(query.id);
  ctx.updates.push(bot, { callback_query: query });
  return query.id;
}

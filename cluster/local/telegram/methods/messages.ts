import type { Message, ReplyKeyboardMarkup } from "grammy/types";
import * as z from "zod";
import { badRequest } from "../api-error.ts";
import { type Content, chatOf, type PrivateChat, post, writableChat } from "../chat.ts";
import { botUser, unixTime } from "../context.ts";
import { formatText } from "../format/format-text.ts";
import type { Formatted } from "../format/formatted.ts";
import { asEntities, asInt, asText, chatId, take } from "../params.ts";
import type { ReplyMarkup } from "../reply-markup.ts";
import type { Call, Methods } from "./call.ts";
import { readSending, Sending } from "./reply.ts";

export const LONGEST_TEXT = 4096;

export const Text = z.object({
  text: asText.optional(),
  parse_mode: asText.optional(),
  entities: asEntities.optional(),
});

/** @throws ApiError 400 */
export function readText({ text, parse_mode, entities }: z.infer<typeof Text>): Formatted {
  const given = entities as Formatted["entities"] | undefined;
  const formatted = formatText({ text: text ?? "", parseMode: parse_mode, entities: given }, LONGEST_TEXT);
  if (formatted.text === "") throw badRequest("message text is empty");
  return formatted;
}

export const textContent = ({ text, entities }: Formatted): Content => ({
  text,
  ...(entities.length > 0 && { entities }),
});

/** Keeps or drops the keyboard below the input field, too. */
export function sendAsBot({ ctx, bot }: Call, chat: PrivateChat, content: Content, markup: ReplyMarkup): Message {
  if (markup.keyboard) chat.dialog.keyboard = keyboardOf(markup.keyboard);
  if (markup.removes) chat.dialog.keyboard = null;
  return post(ctx, bot, chat, "bot", content);
}

const keyboardOf = (keyboard: ReplyKeyboardMarkup): ReplyKeyboardMarkup => structuredClone(keyboard);

const ACTIONS = [
  "typing",
  "upload_photo",
  "record_video",
  "upload_video",
  "record_voice",
  "upload_voice",
  "upload_document",
  "choose_sticker",
  "find_location",
  "record_video_note",
  "upload_video_note",
];

export const messageMethods: Methods = {
  sendMessage(call) {
    const params = take(Sending.extend(Text.shape), call.params);
    const chat = writableChat(call.ctx, call.bot, params.chat_id);
    const text = readText(params);
    const { content, markup } = readSending(chat.dialog, params);
    return sendAsBot(call, chat, { ...textContent(text), ...content }, markup);
  },

  /** A preview that is never stored (core.telegram.org/bots/api#sendmessagedraft). */
  sendMessageDraft({ ctx, bot, params }) {
    const { chat_id, draft_id, ...rest } = take(Text.extend({ chat_id: chatId, draft_id: asInt }), params);
    if (draft_id === 0) throw badRequest("draft identifier must be non-zero");
    const { person } = writableChat(ctx, bot, chat_id);
    const text = rest.text ? readText(rest) : { text: "", entities: [] };
    const message: Message = {
      message_id: 0,
      from: botUser(bot),
      chat: chatOf(person),
      date: unixTime(ctx),
      ...textContent(text),
    };
    ctx.feed.publish(person.id, { type: "draft", bot: bot.username, draft_id, text: text.text, message });
    return true;
  },

  sendChatAction({ ctx, bot, params }) {
    const { chat_id, action } = take(z.object({ chat_id: chatId, action: asText }), params);
    if (!ACTIONS.includes(action)) throw badRequest("wrong parameter action in request");
    const { person } = writableChat(ctx, bot, chat_id);
    ctx.feed.publish(person.id, { type: "typing", bot: bot.username, action });
    return true;
  },
};

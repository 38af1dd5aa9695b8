import { isDeepStrictEqual } from "node:util";
import type { Message } from "grammy/types";
import * as z from "zod";
import { badRequest } from "../api-error.ts";
import { findChat, findMessage, type PrivateChat, remove, replace } from "../chat.ts";
import { unixTime } from "../context.ts";
import { asBool, asInt, asJson, chatId, take } from "../params.ts";
import { readMarkup, replyMarkup } from "../reply-markup.ts";
import type { Call, Methods } from "./call.ts";
import { Caption, captionContent } from "./caption.ts";
import { readText, Text, textContent } from "./messages.ts";

const Target = z.object({ chat_id: chatId, message_id: asInt.optional(), reply_markup: replyMarkup });

export const editMethods: Methods = {
  editMessageText(call) {
    const params = take(Target.extend(Text.shape), call.params);
    const { chat, message } = ownMessage(call, params);
    if (message.text === undefined) throw badRequest("there is no text in the message to edit");
    const { entities: _, ...rest } = message;
    return edit(call, chat, message, { ...rest, ...textContent(readText(params)) }, params.reply_markup);
  },

  editMessageCaption(call) {
    const params = take(Target.extend(Caption.shape), call.params);
    const { chat, message } = ownMessage(call, params);
    if (message.text !== undefined) throw badRequest("there is no caption in the message to edit");
    const { caption: _, caption_entities: __, ...rest } = message;
    return edit(call, chat, message, { ...rest, ...captionContent(params) }, params.reply_markup);
  },

  editMessageReplyMarkup(call) {
    const params = take(Target, call.params);
    const { chat, message } = ownMessage(call, params);
    return edit(call, chat, message, message, params.reply_markup);
  },

  deleteMessage({ ctx, bot, params }) {
    const { chat_id, message_id } = take(Target, params);
    const chat = findChat(ctx, bot, chat_id);
    if (!findMessage(chat.dialog, message_id)) throw badRequest("message to delete not found");
    remove(ctx, bot, chat, [message_id ?? 0]);
    return true;
  },

  /** Ids that are not there are passed over. */
  deleteMessages({ ctx, bot, params }) {
    const shape = z.object({ chat_id: chatId, message_ids: asJson(z.array(z.int()).min(1).max(100)) });
    const { chat_id, message_ids } = take(shape, params);
    remove(ctx, bot, findChat(ctx, bot, chat_id), message_ids);
    return true;
  },

  setMessageReaction({ ctx, bot, params }) {
    const reaction = asJson(
      z
        .array(z.looseObject({ type: z.string(), emoji: z.string().optional() }))
        .max(1)
        .nullish(),
    );
    const shape = z.object({ chat_id: chatId, message_id: asInt.optional(), reaction, is_big: asBool.optional() });
    const { chat_id, message_id, reaction: given } = take(shape, params);
    const chat = findChat(ctx, bot, chat_id);
    const message = findMessage(chat.dialog, message_id);
    if (!message) throw badRequest("message to react not found");
    replace(ctx, bot, chat, withReaction(message, given?.[0]?.emoji));
    return true;
  },
};

/** A message on the user's screen also shows the bot's reaction, which Telegram keeps outside of Message. */
export type ShownMessage = Message & { reaction?: string };

function withReaction(message: Message, emoji: string | undefined): ShownMessage {
  const { reaction: _, ...rest }: ShownMessage = message;
  return emoji === undefined ? rest : { ...rest, reaction: emoji };
}

function ownMessage(call: Call, params: z.infer<typeof Target>): { chat: PrivateChat; message: Message } {
  const chat = findChat(call.ctx, call.bot, params.chat_id);
  if (params.message_id === undefined) throw badRequest("message identifier is not specified");
  const message = findMessage(chat.dialog, params.message_id);
  if (!message) throw badRequest("message to edit not found");
  if (message.from?.id !== call.bot.id) throw badRequest("message can't be edited");
  return { chat, message };
}

/** An edit without a keyboard takes the old one away. */
function edit(call: Call, chat: PrivateChat, before: Message, after: Message, markup: unknown): Message {
  const { inline } = readMarkup(markup);
  const { reply_markup: _, edit_date: __, ...bare } = after;
  const { edit_date: ___, ...old } = before;
  const next: Message = { ...bare, ...(inline && { reply_markup: inline }) };
  if (isDeepStrictEqual(JSON.parse(JSON.stringify(next)), JSON.parse(JSON.stringify(old))))
    throw badRequest(NOT_MODIFIED);
  return replace(call.ctx, call.bot, chat, { ...next, edit_date: unixTime(call.ctx) });
}

const NOT_MODIFIED =
  "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";

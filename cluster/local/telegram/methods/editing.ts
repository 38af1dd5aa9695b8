import { isDeepStrictEqual } from "node:util";
import type { Message } from "grammy/types";
import * as z from "zod";
import { badRequest } from "../api-error.ts";
import { type Content, findChat, findMessage, remove, replace, unixTime } from "../chats.ts";
import type { Chat } from "../context.ts";
import { asInt, asJson, type Call, chatId, type Methods, method } from "../params.ts";
import { Caption, captionContent, keyboardContent, Markup, Text, textContent } from "./content.ts";

const Target = z.object({ chat_id: chatId, message_id: asInt });
const Edited = Target.extend(Markup.shape);
const Reaction = asJson(z.array(z.object({ emoji: z.string() })).default([]));

export const editMethods: Methods = {
  editMessageText: method(Edited.extend(Text.shape), (call, params) => {
    const { chat, message } = ownMessage(call, params);
    if (message.text === undefined) throw badRequest("there is no text in the message to edit");
    const { entities: _, ...rest } = message;
    return edit(call, chat, message, { ...rest, ...textContent(params) }, params);
  }),

  editMessageCaption: method(Edited.extend(Caption.shape), (call, params) => {
    const { chat, message } = ownMessage(call, params);
    if (message.text !== undefined) throw badRequest("there is no caption in the message to edit");
    const { caption: _, caption_entities: __, ...rest } = message;
    return edit(call, chat, message, { ...rest, ...captionContent(params) }, params);
  }),

  editMessageReplyMarkup: method(Edited, (call, params) => {
    const { chat, message } = ownMessage(call, params);
    return edit(call, chat, message, message, params);
  }),

  deleteMessage: method(Target, ({ ctx, bot }, { chat_id, message_id }) => {
    const chat = findChat(ctx, bot, chat_id);
    if (!findMessage(chat.dialog, message_id)) throw badRequest("message to delete not found");
    remove(ctx, chat, message_id);
    return true;
  }),

  setMessageReaction: method(Target.extend({ reaction: Reaction }), ({ ctx, bot }, params) => {
    const chat = findChat(ctx, bot, params.chat_id);
    const message = findMessage(chat.dialog, params.message_id);
    if (!message) throw badRequest("message to react not found");
    replace(ctx, chat, withReaction(message, params.reaction[0]?.emoji));
    return true;
  }),
};

/** A message on the user's screen also shows the bot's reaction, which Telegram keeps outside of Message. */
type ShownMessage = Message & { reaction?: string };

function withReaction(message: Message, emoji: string | undefined): ShownMessage {
  const { reaction: _, ...rest }: ShownMessage = message;
  return emoji === undefined ? rest : { ...rest, reaction: emoji };
}

function ownMessage({ ctx, bot }: Call, { chat_id, message_id }: z.infer<typeof Target>) {
  const chat = findChat(ctx, bot, chat_id);
  const message = findMessage(chat.dialog, message_id);
  if (!message) throw badRequest("message to edit not found");
  if (message.from?.id !== bot.id) throw badRequest("message can't be edited");
  return { chat, message };
}

/** An edit without a keyboard takes the old one away. */
function edit({ ctx }: Call, chat: Chat, before: Message, after: Message, markup: z.infer<typeof Markup>) {
  const { reply_markup: _, edit_date: __, ...bare } = after;
  const { edit_date: ___, ...old } = before;
  const next = { ...bare, ...keyboardContent(markup) };
  if (isDeepStrictEqual(plain(next), plain(old))) throw badRequest(NOT_MODIFIED);
  return replace(ctx, chat, { ...next, edit_date: unixTime() });
}

const plain = (content: Content): unknown => JSON.parse(JSON.stringify(content));

const NOT_MODIFIED =
  "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";

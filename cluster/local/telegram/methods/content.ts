import type { InlineKeyboardMarkup, Message } from "grammy/types";
import * as z from "zod";
import { badRequest } from "../api-error.ts";
import { type Content, findMessage } from "../chats.ts";
import { formatText } from "../format-text.ts";
import { asBool, asInt, asJson, chatId } from "../params.ts";
import type { Dialog } from "../world.ts";

export const LONGEST_TEXT = 4096;
const LONGEST_CAPTION = 1024;
const LONGEST_CALLBACK_DATA = 64;

const CallbackData = z.string().refine((data) => data !== "" && Buffer.byteLength(data) <= LONGEST_CALLBACK_DATA);
const Button = z.looseObject({ text: z.string(), callback_data: CallbackData.optional() });

export const Markup = z.object({
  reply_markup: asJson(z.looseObject({ inline_keyboard: z.array(z.array(Button)).default([]) }).optional()),
});
export const Text = z.object({ text: z.string().default(""), parse_mode: z.string().optional() });
export const Caption = z.object({ caption: z.string().default(""), parse_mode: z.string().optional() });

/** What every method that sends a message takes. */
export const Sending = Markup.extend({
  chat_id: chatId,
  reply_parameters: asJson(
    z.object({ message_id: z.int(), allow_sending_without_reply: z.boolean().optional() }).optional(),
  ),
  /** The older form of `reply_parameters`, which Telegram still accepts and OpenClaw still uses. */
  reply_to_message_id: asInt.optional(),
  allow_sending_without_reply: asBool.optional(),
});

/** @throws ApiError 400 */
export function textContent({ text: source, parse_mode }: z.infer<typeof Text>): Content {
  const { text, entities } = formatText(source, parse_mode, LONGEST_TEXT);
  if (text.trim() === "") throw badRequest("message text is empty");
  return { text, ...(entities.length > 0 && { entities }) };
}

/** @throws ApiError 400 */
export function captionContent({ caption, parse_mode }: z.infer<typeof Caption>): Content {
  const { text, entities } = formatText(caption, parse_mode, LONGEST_CAPTION);
  return { ...(text && { caption: text }), ...(entities.length > 0 && { caption_entities: entities }) };
}

/** The buttons below a message; none removes existing ones. */
export function keyboardContent({ reply_markup }: z.infer<typeof Markup>): Content {
  const inline_keyboard = reply_markup?.inline_keyboard ?? [];
  return inline_keyboard.length > 0 ? { reply_markup: asMarkup({ inline_keyboard }) } : {};
}

const asMarkup = (markup: object) => markup as InlineKeyboardMarkup;

/** The message that this one replies to; Telegram nests one level only. @throws ApiError 400 */
export function replyContent(dialog: Dialog, sending: z.infer<typeof Sending>): Content {
  const id = sending.reply_parameters?.message_id ?? sending.reply_to_message_id;
  const optional = sending.reply_parameters?.allow_sending_without_reply ?? sending.allow_sending_without_reply;
  const message = findMessage(dialog, id);
  if (message) return { reply_to_message: asReplied(message) };
  if (id !== undefined && !optional) throw badRequest("message to be replied not found");
  return {};
}

const asReplied = ({ reply_to_message: _, ...rest }: Message) => rest as NonNullable<Message["reply_to_message"]>;

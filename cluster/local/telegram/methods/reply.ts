import type { Message } from "grammy/types";
import * as z from "zod";
import { badRequest } from "../api-error.ts";
import { type Content, findMessage } from "../chat.ts";
import { asBool, asInt, asJson, chatId } from "../params.ts";
import { type ReplyMarkup, readMarkup, replyMarkup } from "../reply-markup.ts";
import type { Dialog } from "../world.ts";

/** What every method that sends a message takes. */
export const Sending = z.object({
  chat_id: chatId,
  reply_markup: replyMarkup,
  reply_parameters: asJson(
    z.looseObject({ message_id: z.int(), allow_sending_without_reply: z.boolean().optional() }).nullish(),
  ),
  reply_to_message_id: asInt.optional(),
  allow_sending_without_reply: asBool.optional(),
});
export type Sending = z.infer<typeof Sending>;

/** The parts of a new message that come from these parameters. @throws ApiError 400 */
export function readSending(dialog: Dialog, sending: Sending): { content: Content; markup: ReplyMarkup } {
  const markup = readMarkup(sending.reply_markup);
  const replied = repliedTo(dialog, sending);
  return {
    markup,
    content: { ...(replied && { reply_to_message: replied }), ...(markup.inline && { reply_markup: markup.inline }) },
  };
}

function repliedTo(dialog: Dialog, sending: Sending): Content["reply_to_message"] {
  const id = sending.reply_parameters?.message_id ?? sending.reply_to_message_id;
  if (id === undefined) return undefined;
  const message = findMessage(dialog, id);
  if (message) return withoutReply(message);
  if (sending.reply_parameters?.allow_sending_without_reply ?? sending.allow_sending_without_reply) return undefined;
  throw badRequest("message to be replied not found");
}

/** Telegram nests one level only. */
export function withoutReply(message: Message): NonNullable<Content["reply_to_message"]> {
  const { reply_to_message: _, ...rest } = message;
  return rest as NonNullable<Content["reply_to_message"]>;
}

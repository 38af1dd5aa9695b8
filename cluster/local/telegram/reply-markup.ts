import type { InlineKeyboardMarkup, ReplyKeyboardMarkup } from "grammy/types";
import * as z from "zod";
import { badRequest } from "./api-error.ts";
import { asJson } from "./params.ts";

const InlineButton = z.looseObject({
  text: z.string(),
  callback_data: z.string().optional(),
  url: z.string().optional(),
});
const ReplyButton = z.union([z.string().transform((text) => ({ text })), z.looseObject({ text: z.string() })]);

const Markup = z.looseObject({
  inline_keyboard: z.array(z.array(InlineButton)).optional(),
  keyboard: z.array(z.array(ReplyButton)).optional(),
  remove_keyboard: z.boolean().optional(),
  force_reply: z.boolean().optional(),
});

/** As it comes in a call; read it with `readMarkup`. */
export const replyMarkup = asJson(z.unknown());

export interface ReplyMarkup {
  inline?: InlineKeyboardMarkup;
  keyboard?: ReplyKeyboardMarkup;
  removes: boolean;
}

const LONGEST_CALLBACK_DATA = 64;

/** @throws ApiError 400 */
export function readMarkup(given: unknown): ReplyMarkup {
  if (given === undefined || given === null || given === "") return { removes: false };
  const parsed = Markup.safeParse(given);
  if (!parsed.success) throw badRequest("object expected as reply markup");
  const { inline_keyboard, keyboard, remove_keyboard } = parsed.data;
  const inline = inline_keyboard && checkInline(inline_keyboard);
  return {
    ...(inline && { inline: { inline_keyboard: inline } as InlineKeyboardMarkup }),
    ...(keyboard && { keyboard: parsed.data as unknown as ReplyKeyboardMarkup }),
    removes: remove_keyboard ?? false,
  };
}

/** Everything that a button may do besides showing its text. */
const ACTIONS = [
  "callback_data",
  "url",
  "web_app",
  "login_url",
  "switch_inline_query",
  "switch_inline_query_current_chat",
  "switch_inline_query_chosen_chat",
  "copy_text",
  "callback_game",
  "pay",
] as const;

function checkInline(rows: z.infer<typeof InlineButton>[][]): object[][] {
  for (const button of rows.flat()) {
    const actions = ACTIONS.filter((action) => button[action] !== undefined);
    if (actions.length !== 1) throw badRequest("Text buttons are unallowed in the inline keyboard");
    const data = button.callback_data;
    if (data !== undefined && (data === "" || Buffer.byteLength(data) > LONGEST_CALLBACK_DATA)) {
      throw badRequest("BUTTON_DATA_INVALID");
    }
    if (
      button.url !== undefined &&
      !/^(https?|tg):\/\/\S+$/i.test(button.url) &&
      !/^[\w-]+(\.[\w-]+)+(\/\S*)?$/.test(button.url)
    ) {
      throw badRequest(`inline keyboard button URL '${button.url}' is invalid: Wrong HTTP URL`);
    }
  }
  return rows;
}

import type { ChatFullInfo, ChatMember } from "grammy/types";
import * as z from "zod";
import { badRequest } from "../api-error.ts";
import { chatOf, findChat } from "../chat.ts";
import { botUser, userOf } from "../context.ts";
import { asBool, asInt, asText, chatId, take } from "../params.ts";
import type { Method, Methods } from "./call.ts";

const Chat = z.object({ chat_id: chatId });
const Query = z.object({
  callback_query_id: asText,
  text: asText.optional(),
  show_alert: asBool.default(false),
  url: asText.optional(),
});

/** Accepted for a chat that exists; there is nothing to see of it. */
const accepted: Method = ({ ctx, bot, params }) => {
  findChat(ctx, bot, take(Chat, params).chat_id);
  return true;
};

export const chatMethods: Methods = {
  getChat({ ctx, bot, params }) {
    const { person } = findChat(ctx, bot, take(Chat, params).chat_id);
    return fullInfo(chatOf(person));
  },

  getChatMember({ ctx, bot, params }): ChatMember {
    const { chat_id, user_id } = take(Chat.extend({ user_id: asInt }), params);
    const { person } = findChat(ctx, bot, chat_id);
    if (user_id === bot.id) return { status: "member", user: botUser(bot) };
    if (user_id === person.id) return { status: "member", user: userOf(person) };
    throw badRequest("PARTICIPANT_ID_INVALID");
  },

  getChatMemberCount({ ctx, bot, params }) {
    findChat(ctx, bot, take(Chat, params).chat_id);
    return 2;
  },

  getChatAdministrators() {
    throw badRequest("there are no administrators in the private chat");
  },

  answerCallbackQuery({ ctx, bot, params }) {
    const { callback_query_id: id, text, show_alert, url } = take(Query, params);
    const asked = ctx.queries.get(id);
    if (!asked) throw badRequest("query is too old and response timeout expired or query ID is invalid");
    ctx.queries.delete(id);
    const answer = { type: "callback_answer" as const, bot: bot.username, id, show_alert };
    ctx.feed.publish(asked.userId, { ...answer, ...(text && { text }), ...(url && { url }) });
    return true;
  },

  getUserProfilePhotos: () => ({ total_count: 0, photos: [] }),
  getChatMenuButton: () => ({ type: "commands" }),
  setChatMenuButton: () => true,
  setMyDefaultAdministratorRights: () => true,
  pinChatMessage: accepted,
  unpinChatMessage: accepted,
  unpinAllChatMessages: accepted,
};

/** What a private chat's full information always has. */
const fullInfo = (chat: ReturnType<typeof chatOf>): Partial<ChatFullInfo> => ({
  ...chat,
  accent_color_id: 0,
  max_reaction_count: 11,
  accepted_gift_types: {
    unlimited_gifts: true,
    limited_gifts: true,
    unique_gifts: true,
    premium_subscription: true,
    gifts_from_channels: true,
  },
});

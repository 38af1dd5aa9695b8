import * as z from "zod";
import { badRequest } from "../api-error.ts";
import { apiChat, findChat } from "../chats.ts";
import { botUser } from "../context.ts";
import { describeFile } from "../files.ts";
import { asJson, chatId, type Methods, method } from "../params.ts";

/** Commands are kept apart by who sees them and in which language. */
const Scope = z.object({
  scope: asJson(z.object({ type: z.string() }).default({ type: "default" })),
  language_code: z.string().default(""),
});
const scopeKey = ({ scope, language_code }: z.infer<typeof Scope>): string => `${scope.type}/${language_code}`;

const Command = z.object({
  command: z.string().regex(/^[a-z0-9_]{1,32}$/),
  description: z.string().min(1).max(256),
});

export const botMethods: Methods = {
  getMe: ({ bot }) => ({
    ...botUser(bot),
    can_join_groups: true,
    can_read_all_group_messages: false,
    supports_inline_queries: false,
  }),

  setMyCommands: method(Scope.extend({ commands: asJson(z.array(Command).max(100)) }), ({ ctx, bot }, params) => {
    bot.commands[scopeKey(params)] = params.commands;
    ctx.storage.changed();
    return true;
  }),

  deleteMyCommands: method(Scope, ({ ctx, bot }, params) => {
    delete bot.commands[scopeKey(params)];
    ctx.storage.changed();
    return true;
  }),

  getChat: method(z.object({ chat_id: chatId }), ({ ctx, bot }, { chat_id }) => ({
    ...apiChat(findChat(ctx, bot, chat_id).person),
    accent_color_id: 0,
    max_reaction_count: 11,
  })),

  getFile: method(z.object({ file_id: z.string() }), ({ ctx }, { file_id }) => describeFile(ctx, file_id)),

  answerCallbackQuery: method(z.object({ callback_query_id: z.string() }), ({ ctx }, { callback_query_id }) => {
    if (ctx.queries.delete(callback_query_id)) return true;
    throw badRequest("query is too old and response timeout expired or query ID is invalid");
  }),
};

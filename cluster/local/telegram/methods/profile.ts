import type { BotCommand, UserFromGetMe } from "grammy/types";
import * as z from "zod";
import { badRequest } from "../api-error.ts";
import { botUser } from "../context.ts";
import { asJson, asText, type Params, take } from "../params.ts";
import type { BotRecord } from "../world.ts";
import type { Call, Method, Methods } from "./call.ts";

const Language = z.object({ language_code: asText.default("") });
const Scope = Language.extend({ scope: asJson(z.looseObject({ type: z.string() }).nullish()) });
const Command = z.looseObject({ command: z.string(), description: z.string() });

/** Commands are kept apart by who sees them and in which language. */
function scopeKey(params: Params): string {
  const { scope, language_code } = take(Scope, params);
  const { type = "default", ...where } = scope ?? {};
  return [type, ...Object.values(where), language_code].join("/");
}

export const profileMethods: Methods = {
  getMe: ({ bot }): UserFromGetMe => ({
    ...botUser(bot),
    is_bot: true,
    username: bot.username,
    can_join_groups: true,
    can_read_all_group_messages: false,
    supports_guest_queries: false,
    supports_inline_queries: false,
    can_connect_to_business: false,
    has_main_web_app: false,
    has_topics_enabled: false,
    allows_users_to_create_topics: false,
    can_manage_bots: bot.canManageBots,
    supports_join_request_queries: false,
  }),

  setMyCommands({ ctx, bot, params }) {
    const { commands } = take(z.object({ commands: asJson(z.array(Command).max(100)) }), params);
    for (const { command, description } of commands) checkCommand(command, description);
    bot.commands[scopeKey(params)] = commands.map(({ command, description }) => ({
      command: command.replace(/^\//, ""),
      description,
    }));
    ctx.storage.changed();
    return true;
  },

  getMyCommands: ({ bot, params }): BotCommand[] => bot.commands[scopeKey(params)] ?? [],

  deleteMyCommands({ ctx, bot, params }) {
    delete bot.commands[scopeKey(params)];
    ctx.storage.changed();
    return true;
  },

  setMyName: setter("names", "name", 64),
  getMyName: ({ bot, params }) => ({ name: bot.names[languageOf(params)] ?? bot.names[""] ?? bot.name }),
  setMyDescription: setter("descriptions", "description", 512),
  getMyDescription: ({ bot, params }) => ({ description: textIn(bot.descriptions, params) }),
  setMyShortDescription: setter("shortDescriptions", "short_description", 120),
  getMyShortDescription: ({ bot, params }) => ({ short_description: textIn(bot.shortDescriptions, params) }),
};

const languageOf = (params: Params): string => take(Language, params).language_code;
const textIn = (texts: Record<string, string>, params: Params): string => texts[languageOf(params)] ?? texts[""] ?? "";

function checkCommand(command: string, description: string): void {
  if (!/^\/?[a-z0-9_]{1,32}$/.test(command)) throw badRequest("BOT_COMMAND_INVALID");
  if (description.length < 1 || description.length > 256) throw badRequest("BOT_COMMAND_DESCRIPTION_INVALID");
}

type Texts = "names" | "descriptions" | "shortDescriptions";

function setter(texts: Texts, parameter: string, longest: number): Method {
  return ({ ctx, bot, params }: Call) => {
    const value = take(z.record(z.string(), z.unknown()), params)[parameter] ?? "";
    if (typeof value !== "string") throw badRequest(`wrong parameter ${parameter} in request`);
    if (Array.from(value).length > longest) throw badRequest(`${parameter} is too long`);
    store(bot, texts, languageOf(params), value);
    ctx.storage.changed();
    return true;
  };
}

function store(bot: BotRecord, texts: Texts, language: string, value: string): void {
  if (value === "") delete bot[texts][language];
  else bot[texts][language] = value;
  if (texts === "names" && language === "" && value !== "") bot.name = value;
}

import * as z from "zod";
import { badRequest } from "../api-error.ts";
import { replaceToken } from "../bots.ts";
import { botById, personById, userOf } from "../context.ts";
import { asBool, asInt, asJson, take } from "../params.ts";
import type { BotRecord } from "../world.ts";
import type { Call, Methods } from "./call.ts";

const Target = z.object({ user_id: asInt });
const Access = z.object({
  is_access_restricted: asBool,
  added_user_ids: asJson(z.array(z.int()).max(10).optional()),
});

/** Bots that are managed by the calling bot (Bot API 9.6 and later; the words of errors are not documented). */
export const managedMethods: Methods = {
  getManagedBotToken: (call) => managed(call).token,
  replaceManagedBotToken: (call) => replaceToken(call.ctx, managed(call)),

  getManagedBotAccessSettings(call) {
    const { restricted, userIds } = managed(call).access;
    if (!restricted) return { is_access_restricted: false };
    const users = userIds.flatMap((id) => personById(call.ctx, id) ?? []);
    return { is_access_restricted: true, added_users: users.map(userOf) };
  },

  setManagedBotAccessSettings(call) {
    const { is_access_restricted, added_user_ids = [] } = take(Access, call.params);
    managed(call).access = { restricted: is_access_restricted, userIds: is_access_restricted ? added_user_ids : [] };
    call.ctx.storage.changed();
    return true;
  },
};

function managed({ ctx, bot, params }: Call): BotRecord {
  if (!bot.canManageBots) throw badRequest("MANAGER_PERMISSION_MISSING");
  const target = botById(ctx, take(Target, params).user_id);
  if (target?.managerId !== bot.id) throw badRequest("BOT_INVALID");
  return target;
}

import { type SQL, sql } from "drizzle-orm";
import type { Accepted, UpdateRequest } from "#schema/contracts/internal.ts";
import { AppError } from "#schema/domain/errors.ts";
import { TIERS } from "#schema/domain/tiers.ts";
import type { Call } from "../../context.ts";
import { requireScope } from "../access.ts";
import { changeBox } from "./change.ts";
import type { OwnedBox } from "./owned-box.ts";
import { checkRoom, correctCustomer, peopleAssignments, peopleDetail } from "./people.ts";
import { letGoOfBot, replaceBot } from "./replace-bot.ts";

/**
 * Throws `not_found`, `conflict`, `upstream_unavailable`, and `invalid_request` for what the tier does not include and for
 * a bot token that Telegram refuses.
 */
export async function updateBox({ ctx, input }: Call<UpdateRequest & { boxId: string }>): Promise<Accepted> {
  requireScope(ctx, "boxes:write");
  const { telegram_users: people, telegram_bot_token: token } = input;
  let left: OwnedBox | undefined;
  const accepted = await changeBox(ctx, {
    boxId: input.boxId,
    change: "update",
    set: assignments(input),
    also: people ? { customer: correctCustomer(people, ctx.now()) } : {},
    detail: settingsDetail(input),
    plan: async (box) => {
      checkTier(box, input);
      const replaced = token === undefined ? undefined : await replaceBot(ctx, box, token);
      left = replaced && replaced.bot.id !== box.telegramBotId ? box : undefined;
      return { set: replaced?.set ?? [], detail: { ...(people && peopleDetail(box, people)), ...replaced?.detail } };
    },
  });
  if (left) letGoOfBot(ctx, left);
  return accepted;
}

function assignments(input: UpdateRequest): SQL[] {
  return [
    input.model !== undefined && sql`model = ${input.model}`,
    input.thinking_level !== undefined && sql`thinking_level = ${input.thinking_level}`,
    input.language !== undefined && sql`language = ${input.language}`,
    input.system_prompt !== undefined && sql`system_prompt = ${input.system_prompt}`,
    ...(input.telegram_users ? peopleAssignments(input.telegram_users) : []),
  ].filter((assignment) => typeof assignment === "object");
}

/** For the audit log: a prompt may hold anything, so only that there is one. */
function settingsDetail({ model, thinking_level, language, system_prompt: prompt }: UpdateRequest) {
  return {
    ...(model !== undefined && { model }),
    ...(thinking_level !== undefined && { thinking_level }),
    ...(language !== undefined && { language }),
    ...(prompt !== undefined && { system_prompt: prompt === null ? "removed" : "changed" }),
  };
}

function checkTier(box: OwnedBox, { system_prompt, telegram_users }: UpdateRequest): void {
  const { ownSystemPrompt, name } = TIERS[box.tier];
  if (system_prompt && !ownSystemPrompt) throw promptNotIncluded(name);
  if (telegram_users) checkRoom(box.tier, telegram_users);
}

const promptNotIncluded = (tier: string): AppError =>
  new AppError("invalid_request", `The plan ${tier} does not include a system prompt`, {
    fields: [{ pointer: "/system_prompt", detail: `is not included in the plan ${tier}` }],
  });

import { type SQL, sql } from "drizzle-orm";
import type { Accepted, UpdateRequest } from "#schema/contracts/internal.ts";
import { AppError } from "#schema/domain/errors.ts";
import { TIERS } from "#schema/domain/tiers.ts";
import type { Call } from "../../context.ts";
import { requireScope } from "../access.ts";
import { changeBox } from "./change.ts";

/** Throws `not_found`, `conflict`, and `invalid_request` for a system prompt that the tier does not include. */
export async function updateBox({ ctx, input }: Call<UpdateRequest & { boxId: string }>): Promise<Accepted> {
  requireScope(ctx, "boxes:write");
  return changeBox(ctx, {
    boxId: input.boxId,
    change: "update",
    set: assignments(input),
    check: (box) => {
      if (input.system_prompt && !TIERS[box.tier].ownSystemPrompt) throw promptNotIncluded(TIERS[box.tier].name);
    },
  });
}

function assignments(input: UpdateRequest): SQL[] {
  return [
    input.model !== undefined && sql`model = ${input.model}`,
    input.thinking_level !== undefined && sql`thinking_level = ${input.thinking_level}`,
    input.language !== undefined && sql`language = ${input.language}`,
    input.system_prompt !== undefined && sql`system_prompt = ${input.system_prompt}`,
  ].filter((assignment) => typeof assignment === "object");
}

const promptNotIncluded = (tier: string): AppError =>
  new AppError("invalid_request", `The plan ${tier} does not include a system prompt`, {
    fields: [{ pointer: "/system_prompt", detail: `is not included in the plan ${tier}` }],
  });

/** Operators' changes of a running rollout. */

import type { Rollout, StopRolloutRequest } from "#schema/contracts/rollouts.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { RolloutStatus } from "#schema/domain/states.ts";
import type { Call, Ctx } from "../../context.ts";
import { actorName } from "../../contracts/actor.ts";
import { requireScope } from "../access.ts";
import { getRollout } from "./get.ts";
import { findRollout } from "./load.ts";
import { pause, resume, rollBack } from "./transition.ts";

/** Pauses moves; bad health still rolls back. Throws `not_found`, `conflict`. */
export async function pauseRollout({ ctx, input }: Call<{ rolloutId: string }>): Promise<Rollout> {
  requireScope(ctx, "fleet:write");
  return change(ctx, input.rolloutId, "paused", () => pause(ctx, input.rolloutId));
}

/** Throws `not_found`, `conflict`. */
export async function resumeRollout({ ctx, input }: Call<{ rolloutId: string }>): Promise<Rollout> {
  requireScope(ctx, "fleet:write");
  return change(ctx, input.rolloutId, "running", () => resume(ctx, input.rolloutId));
}

/** Moves every moved box back. Throws `not_found`, `conflict`. */
export async function abortRollout({ ctx, input }: Call<StopRolloutRequest & { rolloutId: string }>): Promise<Rollout> {
  requireScope(ctx, "fleet:write");
  const reason = `aborted by ${actorName(ctx.actor)}${input.reason ? `: ${input.reason}` : ""}`;
  return change(ctx, input.rolloutId, "rolling_back", () => rollBack(ctx, input.rolloutId, reason));
}

/** A repeated request succeeds: the first answer may have been lost. */
async function change(ctx: Ctx, id: string, to: RolloutStatus, take: () => Promise<boolean>): Promise<Rollout> {
  if (!(await take())) {
    const { status } = await findRollout(ctx, id);
    if (status !== to) throw new AppError("conflict", `This rollout ${DOING[status]}`);
  }
  return getRollout({ ctx, input: { rolloutId: id } });
}

const DOING: Readonly<Record<RolloutStatus, string>> = {
  running: "is running",
  paused: "is paused",
  finishing: "has finished its waves: to go back, start a rollout to the previous image",
  rolling_back: "is rolling back",
  succeeded: "has succeeded: to go back, start a rollout to the previous image",
  rolled_back: "has been rolled back",
};

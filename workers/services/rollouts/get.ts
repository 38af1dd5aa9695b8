import type { Rollout } from "#schema/contracts/rollouts.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Call } from "../../context.ts";
import { loadSituation } from "./load.ts";
import { boxCounts, waveCounts } from "./progress.ts";
import { selectRollouts, viewRollout } from "./view-rollout.ts";
import { whatNext } from "./what-next.ts";

/** A rollout with its boxes' progress. Throws `not_found`. */
export async function getRollout({ ctx, input }: Call<{ rolloutId: string }>): Promise<Rollout> {
  const [row] = await selectRollouts(ctx, input.rolloutId);
  if (!row) throw new AppError("not_found", "There is no such rollout");
  const situation = await loadSituation(ctx, row.rollout);
  return {
    ...viewRollout(row),
    waves: waveCounts(situation),
    boxes: boxCounts(situation),
    next: whatNext(situation),
  };
}

import { eq, inArray, type SQL } from "drizzle-orm";
import type { RolloutList } from "#schema/contracts/rollouts.ts";
import { rollouts } from "#schema/db/schema.ts";
import type { Call } from "../../context.ts";
import { cursorOf, newestFirst, PAGE_SIZE } from "../newest-first.ts";
import { ACTIVE } from "./advance.ts";
import { listRolloutRows, viewRollout } from "./view-rollout.ts";

export interface RolloutFilter {
  cluster?: string | undefined;
  /** Only active ones. */
  active?: boolean | undefined;
  cursor?: string | undefined;
}

const { order, after } = newestFirst(rollouts);

/** Newest first. */
export async function listRollouts({ ctx, input }: Call<RolloutFilter>): Promise<RolloutList> {
  const rows = await listRolloutRows(ctx, conditions(input), order, PAGE_SIZE + 1);
  const page = rows.slice(0, PAGE_SIZE);
  const last = page.at(-1);
  return {
    rollouts: page.map(viewRollout),
    next_cursor: rows.length > PAGE_SIZE && last ? cursorOf(last.rollout) : null,
  };
}

function conditions({ cluster, active, cursor }: RolloutFilter): SQL[] {
  return [
    cluster && eq(rollouts.clusterId, cluster),
    active && inArray(rollouts.status, ACTIVE),
    cursor && after(cursor),
  ].filter((condition) => typeof condition === "object");
}

/** The sweep's part for rollouts: advances each as far as it can. If interrupted, the next sweep continues. */

import { asc, inArray } from "drizzle-orm";
import { rollouts } from "#schema/db/schema.ts";
import type { RolloutStatus } from "#schema/domain/states.ts";
import type { Ctx } from "../../context.ts";
import type { Offer } from "../../contracts/mailbox.ts";
import { createLog } from "../../log.ts";
import { eachItem } from "../each-item.ts";
import { ANY_FENCE, notifyMailbox } from "../jobs/notify-mailbox.ts";
import { decide } from "./decide.ts";
import { findRollout, loadSituation, type RolloutRow } from "./load.ts";
import { moveBox } from "./move-box.ts";
import type { Decision } from "./plan.ts";
import { restoreBox } from "./restore-box.ts";
import { beginNextWave, beginSoak, end, finish, rollBack } from "./transition.ts";

export const ACTIVE: RolloutStatus[] = ["running", "paused", "finishing", "rolling_back"];

/** The most steps at once, such as the next wave after a soak of zero seconds. */
const STEPS = 6;
/** A step's two questions and what is decided, for each of them; and telling the mailbox. */
const COST = 3 * STEPS + 2;
const BOXES = 50;

export async function advanceRollouts(ctx: Ctx): Promise<void> {
  const active = await ctx.db
    .select({ id: rollouts.id, clusterId: rollouts.clusterId })
    .from(rollouts)
    .where(inArray(rollouts.status, ACTIVE))
    .orderBy(asc(rollouts.createdAt));
  const name = ({ id, clusterId }: Pick<RolloutRow, "id" | "clusterId">) => ({ cluster_id: clusterId, rollout_id: id });
  await eachItem(ctx, { items: active, cost: COST, name }, ({ id }) => advanceRollout(ctx, id));
}

/** What was decided last. Throws what the database throws where it is not about one box. */
export async function advanceRollout(ctx: Ctx, id: string): Promise<Decision> {
  for (let step = 1; ; step++) {
    const rollout = await findRollout(ctx, id);
    const decision = decide(await loadSituation(ctx, rollout));
    if (decision.kind === "roll_back") tellStopped(ctx, rollout, decision.reason);
    const goesOn = await carryOut(ctx, rollout, decision);
    if (!goesOn || step === STEPS) return decision;
  }
}

/** Whether another step may follow at once. */
async function carryOut(ctx: Ctx, rollout: RolloutRow, decision: Decision): Promise<boolean> {
  switch (decision.kind) {
    case "wait":
      return false;
    case "move":
      await move(ctx, rollout, decision.boxIds.slice(0, BOXES));
      return false;
    case "restore":
      await restore(ctx, rollout, decision.boxIds.slice(0, BOXES));
      return false;
    case "soak":
      return beginSoak(ctx, rollout);
    case "next_wave":
      return beginNextWave(ctx, rollout);
    case "finish":
      return finish(ctx, rollout);
    case "roll_back":
      return rollBack(ctx, rollout.id, decision.reason);
    case "end":
      await end(ctx, rollout, decision.status);
      return false;
    default:
      return decision satisfies never;
  }
}

async function move(ctx: Ctx, rollout: RolloutRow, boxIds: readonly string[]): Promise<void> {
  const offers: Offer[] = [];
  await eachItem(ctx, { items: boxIds, cost: 2, name: boxOf(rollout) }, async (boxId) => {
    const offer = await moveBox(ctx, rollout, boxId);
    if (offer) offers.push(offer);
  });
  if (offers.length > 0) await notifyMailbox(ctx, rollout.clusterId, (mailbox) => mailbox.offer(offers));
}

async function restore(ctx: Ctx, rollout: RolloutRow, boxIds: readonly string[]): Promise<void> {
  await eachItem(ctx, { items: boxIds, cost: 3, name: boxOf(rollout) }, async (boxId) => {
    const restored = await restoreBox(ctx, rollout, boxId);
    if (!restored) return;
    const { endedJob, offer } = restored;
    await notifyMailbox(ctx, rollout.clusterId, async (mailbox) => {
      if (endedJob) await mailbox.abort(endedJob, ANY_FENCE);
      await mailbox.offer([offer]);
    });
  });
}

const boxOf =
  ({ id }: RolloutRow) =>
  (boxId: string) => ({ rollout_id: id, box_id: boxId });

/** The alert: a line of level `error` and kind `rollout_stopped`. Written before it is recorded: a crash in between repeats it. */
function tellStopped(ctx: Ctx, { clusterId, id }: RolloutRow, reason: string): void {
  const log = createLog("rollout_stopped", ctx.requestId);
  log.set({ cluster_id: clusterId, reason: `rollout ${id}: ${reason}`, outcome: "rolling back" });
  log.emit("error");
}

/** Whether a rollout must stop or wait, with the reason for operators. */
import { type BoxState, failedMoves, judged, percent, type Rollout, type Situation, untouched } from "./plan.ts";

/** An agent reports every 15 s; after this long the boxes' health is unknown. */
const SILENT_MS = 120_000;

/** Why the moved boxes must go back; undefined if the new image does no worse than the old one. */
export function reasonToStop({ rollout, boxes }: Pick<Situation, "rollout" | "boxes">): string | undefined {
  return failedReason(rollout, boxes) ?? unwellReason(rollout, boxes, ({ well, passing }) => !well && !passing);
}

function failedReason({ maxFailed }: Rollout, boxes: Situation["boxes"]): string | undefined {
  const failed = failedMoves(boxes);
  if (failed.length <= maxFailed) return undefined;
  return `${count(failed.length)} could not be moved to the new image; at most ${maxFailed} may fail${example(failed)}`;
}

function unwellReason(
  rollout: Rollout,
  boxes: Situation["boxes"],
  isIll: (box: BoxState) => boolean,
): string | undefined {
  const updated = judged(boxes);
  const unwell = updated.filter(isIll);
  const share = percent(unwell.length, updated.length);
  const { before, others } = shares(rollout, boxes);
  if (share <= Math.max(before, others) + rollout.maxUnhealthyPercent) return undefined;
  return `${unwell.length} of ${updated.length} boxes on the new image ${unwell.length === 1 ? "is" : "are"} unhealthy (${whole(share)}), against ${whole(
    before,
  )} before the rollout and ${whole(others)} of the others now; ${rollout.maxUnhealthyPercent} points more are allowed${example(unwell)}`;
}

/** Why nothing more is moved now, although the image seems good. */
export function reasonToWait({ rollout, boxes, agentSeenAt, now }: Situation): string | undefined {
  if (agentSeenAt === undefined || now - agentSeenAt > SILENT_MS)
    return "the cluster's agent has not reported for two minutes: the health of its boxes is unknown";
  if (unwellReason(rollout, boxes, ({ well }) => !well))
    return "boxes on the new image became unhealthy a moment ago and may recover";
  const { before, others, unwellOthers } = shares(rollout, boxes);
  if (unwellOthers > rollout.unwellBefore && others > before + rollout.maxUnhealthyPercent)
    return `${whole(others)} of the boxes on the old image are unhealthy, ${whole(before)} were when it began: the image is not the cause`;
  return undefined;
}

/**
 * Percent of unhealthy boxes when the rollout began, and among those not moved yet. These count as at least half of the
 * cluster, so that one unhealthy box among the last few is not a large share.
 */
function shares({ unwellBefore, boxesBefore }: Rollout, boxes: Situation["boxes"]) {
  const left = untouched(boxes);
  const unwellOthers = left.filter(({ well }) => !well).length;
  const others = percent(unwellOthers, Math.max(left.length, boxesBefore / 2));
  return { before: percent(unwellBefore, boxesBefore), others, unwellOthers };
}

const count = (boxes: number): string => (boxes === 1 ? "1 box" : `${boxes} boxes`);
const whole = (share: number): string => `${Math.round(share)} %`;

/** A rollout's reason appears in lists, so it has only the first box's reason. */
function example([box]: Situation["boxes"]): string {
  return box ? `. The first is ${box.id}: ${(box.reason ?? "no reason was given").slice(0, 300)}` : "";
}

/** A rollout's progress in counts. Pure. */
import type { Rollout as View } from "#schema/contracts/rollouts.ts";
import type { BoxState, Move, Situation } from "./plan.ts";

type Moved = BoxState & { move: Move };
const wasMoved = (box: BoxState): box is Moved => box.move !== undefined;

export function waveCounts({ rollout, boxes }: Pick<Situation, "rollout" | "boxes">): View["waves"] {
  const moved = boxes.filter(wasMoved);
  return rollout.shares.map((share, wave) => ({ share, ...countsOf(moved.filter(({ move }) => move.wave === wave)) }));
}

function countsOf(boxes: readonly Moved[]): Omit<View["waves"][number], "share"> {
  const count = (test: (box: Moved) => boolean): number => boxes.filter(test).length;
  return {
    moved: boxes.length,
    moving: count(({ move }) => move.state === "moving"),
    settled: count(({ move }) => move.state === "settled"),
    failed: count(({ move }) => move.state === "failed"),
    unhealthy: count(({ onNew, well, move }) => onNew && !well && move.state !== "moving"),
    restored: count(({ move }) => move.restored),
  };
}

export function boxCounts({ rollout, boxes }: Pick<Situation, "rollout" | "boxes">): View["boxes"] {
  const count = (test: (box: BoxState) => boolean): number => boxes.filter(test).length;
  return {
    all: boxes.length,
    running: count(({ runs }) => runs),
    on_new: count(({ onNew }) => onNew),
    on_old: count(({ onNew }) => !onNew),
    unhealthy_on_new: count(({ onNew, runs, well }) => onNew && runs && !well),
    unhealthy_on_old: count(({ onNew, runs, well }) => !onNew && runs && !well),
    unhealthy_before: rollout.unwellBefore,
  };
}

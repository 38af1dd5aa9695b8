import { decide } from "../decide.ts";
import type { BoxState, Decision, Rollout } from "../plan.ts";
import { NOW, someBox, someMove, someRollout } from "./situation.ts";

/** What boxes do on the new image, and what happens around them. */
export interface World {
  /** How a box comes out of its move. */
  outcome: (boxId: string) => "well" | "unwell" | "failed";
  /** After this many steps an operator aborts; never where undefined. */
  abortAt?: number | undefined;
  /** After this many steps one more box is there, made on the image before. */
  newcomerAt?: number | undefined;
  /** A box is gone after this many steps. */
  goneAt?: number | undefined;
}

export interface Seen {
  decision: Decision;
  /** Running boxes on the new image, and all running ones, that were there from the beginning. */
  onNew: number;
  running: number;
  moving: number;
  rollout: Rollout;
}

export interface Run {
  boxes: BoxState[];
  rollout: Rollout;
  steps: Seen[];
}

/** Carries a rollout out by its decisions alone, the way the sweep does, until it is over. Throws where it never is. */
export function simulate(start: BoxState[], change: Partial<Rollout>, world: World): Run {
  const rollout = someRollout({ boxesBefore: start.length, ...change });
  const run: Run = { boxes: start.map((box) => ({ ...box })), rollout, steps: [] };
  for (let now = NOW, step = 0; step < 2_000; step++, now += 60_000) {
    settle(run.boxes, world, step);
    happen(run, world, step);
    const decision = decide({ rollout, boxes: run.boxes, agentSeenAt: now, now });
    carryOut(run, decision, now);
    run.steps.push(look(run, decision));
    if (decision.kind === "end") return run;
  }
  throw new Error(`not over after 2,000 steps: ${JSON.stringify(run.steps.at(-1))}`);
}

function look({ boxes, rollout }: Run, decision: Decision): Seen {
  const running = boxes.filter(({ runs, older }) => runs && older);
  const moving = boxes.filter(({ move }) => move?.state === "moving").length;
  const onNew = running.filter((box) => box.onNew).length;
  return { decision, onNew, running: running.length, moving, rollout: { ...rollout } };
}

/** Every second step the boxes that are being moved are through. */
function settle(boxes: BoxState[], { outcome }: World, step: number): void {
  if (step % 2 === 0) return;
  for (const box of boxes) {
    if (box.move?.state !== "moving") continue;
    const result = box.onNew ? outcome(box.id) : "well";
    box.move = { ...box.move, state: result === "failed" ? "failed" : "settled" };
    box.well = result === "well";
  }
}

function happen({ boxes, rollout }: Run, world: World, step: number): void {
  if (step === world.newcomerAt) {
    // It gets what the cluster's image is at this moment.
    const onNew = rollout.status === "finishing";
    boxes.push(someBox("newcomer", { older: false, onNew }));
  }
  if (step === world.goneAt) boxes.shift();
  if (step === world.abortAt && (rollout.status === "running" || rollout.status === "paused"))
    rollout.status = "rolling_back";
}

function carryOut({ boxes, rollout }: Run, decision: Decision, now: number): void {
  const named = (ids: readonly string[]) => boxes.filter(({ id }) => ids.includes(id));
  switch (decision.kind) {
    case "move":
      for (const box of named(decision.boxIds)) {
        Object.assign(box, { onNew: true, move: someMove({ wave: rollout.wave, wasWell: box.well, state: "moving" }) });
      }
      return;
    case "restore":
      for (const box of named(decision.boxIds))
        Object.assign(box, { onNew: false, move: { ...box.move, restored: true, state: "moving" } });
      return;
    case "soak":
      rollout.waveDoneAt = now;
      return;
    case "next_wave":
      Object.assign(rollout, { wave: rollout.wave + 1, waveDoneAt: undefined });
      return;
    case "finish":
      rollout.status = "finishing";
      return;
    case "roll_back":
      rollout.status = "rolling_back";
      return;
    case "end":
      rollout.status = decision.status;
      return;
    case "wait":
      return;
    default:
      decision satisfies never;
  }
}

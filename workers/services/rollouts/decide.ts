/** The next step of a rollout: pure, and the same for the same situation, so that a step that was cut off is taken again. */
import { reasonToStop, reasonToWait } from "./guard.ts";
import type { BoxState, Decision, Situation } from "./plan.ts";
import { allowed, inSequence } from "./sequence.ts";

export function decide(situation: Situation): Decision {
  const { status } = situation.rollout;
  switch (status) {
    case "running":
    case "paused":
      return proceed(situation);
    case "finishing":
      return sweepUp(situation);
    case "rolling_back":
      return goBack(situation);
    case "succeeded":
    case "rolled_back":
      return { kind: "wait", why: "it is over" };
    default:
      return status satisfies never;
  }
}

/** Pausing stops the way forward, not the guard: what is broken goes back whoever looks at it. */
function proceed(situation: Situation): Decision {
  const reason = reasonToStop(situation);
  if (reason) return { kind: "roll_back", reason };
  if (situation.rollout.status === "paused") return { kind: "wait", why: "an operator has paused it" };
  const why = reasonToWait(situation);
  if (why) return { kind: "wait", why };
  return wave(situation);
}

function wave(situation: Situation): Decision {
  const { rollout, boxes } = situation;
  const isLast = rollout.wave === rollout.shares.length - 1;
  const left = inSequence(
    rollout.id,
    boxes.filter(({ onNew, older }) => older && !onNew),
  );
  const due = isLast ? left : left.filter(({ runs }) => runs).slice(0, quota(situation));
  return moveSome(situation, due) ?? soak(situation, isLast);
}

/** So many more running boxes belong into this wave. */
function quota({ rollout, boxes }: Situation): number {
  const running = boxes.filter(({ runs, older }) => runs && older);
  const share = rollout.shares[rollout.wave] ?? 100;
  return Math.max(0, allowed(share, running.length) - running.filter(({ onNew }) => onNew).length);
}

/** Moves what there is room for; undefined where all of them, and those before them, are through. */
function moveSome({ rollout, boxes }: Situation, due: readonly BoxState[]): Decision | undefined {
  const moving = boxes.filter(isMoving).length;
  const boxIds = due
    .filter(({ movable }) => movable)
    .slice(0, Math.max(0, rollout.maxConcurrent - moving))
    .map(({ id }) => id);
  if (boxIds.length > 0) return { kind: "move", boxIds };
  if (moving > 0) return { kind: "wait", why: `${moving} being updated, ${due.length} to follow in this wave` };
  return due.length > 0
    ? { kind: "wait", why: `${due.length} to be moved are being made, or have work of their own` }
    : undefined;
}

function soak({ rollout, now }: Situation, isLast: boolean): Decision {
  if (rollout.waveDoneAt === undefined) return { kind: "soak" };
  const left = rollout.waveDoneAt + rollout.soakMs - now;
  if (left > 0) return { kind: "wait", why: `the wave soaks for another ${Math.ceil(left / 1_000)} s` };
  return { kind: isLast ? "finish" : "next_wave" };
}

/** Boxes that were made on the image before while the last wave went on; new ones are made on the new image by now. */
function sweepUp(situation: Situation): Decision {
  const left = inSequence(
    situation.rollout.id,
    situation.boxes.filter(({ onNew }) => !onNew),
  );
  return moveSome(situation, left) ?? { kind: "end", status: "succeeded" };
}

/** Those that are on their way to the new image turn round at once; then who suffers from it, then the others. */
function goBack({ rollout, boxes }: Situation): Decision {
  const left = boxes.filter(({ onNew, move }) => onNew && move && !move.restored);
  const moving = boxes.filter(isMoving).length;
  const [turning, resting] = [left.filter(isMoving), left.filter((box) => !isMoving(box))];
  const next = inSequence(rollout.id, resting).sort((a, b) => Number(works(a)) - Number(works(b)));
  const room = Math.max(0, rollout.maxConcurrent - moving);
  const boxIds = [...turning, ...next.slice(0, room)].map(({ id }) => id);
  if (boxIds.length > 0) return { kind: "restore", boxIds };
  if (moving > 0) return { kind: "wait", why: `${moving} going back, ${left.length} to follow` };
  return { kind: "end", status: "rolled_back" };
}

const works = ({ well, move }: BoxState): boolean => well && move?.state === "settled";
const isMoving = ({ move }: BoxState): boolean => move?.state === "moving";

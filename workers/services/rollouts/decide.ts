/** The next step of a rollout. Pure: the same situation gives the same step, so an interrupted step is taken again. */
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

/** A pause stops further moves, not the guard: bad health still rolls back. */
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

/** How many more running boxes this wave moves. */
function quota({ rollout, boxes }: Situation): number {
  const running = boxes.filter(({ runs, older }) => runs && older);
  const share = rollout.shares[rollout.wave] ?? 100;
  return Math.max(0, allowed(share, running.length) - running.filter(({ onNew }) => onNew).length);
}

/** Moves as many as allowed at a time; undefined once all of them are done. */
function moveSome({ rollout, boxes }: Situation, due: readonly BoxState[]): Decision | undefined {
  const moving = boxes.filter(isMoving).length;
  const boxIds = due
    .filter(({ movable }) => movable)
    .slice(0, Math.max(0, rollout.maxConcurrent - moving))
    .map(({ id }) => id);
  if (boxIds.length > 0) return { kind: "move", boxIds };
  if (moving > 0) return { kind: "wait", why: `${moving} being updated, ${due.length} to follow in this wave` };
  return due.length > 0
    ? { kind: "wait", why: `${due.length} to be moved are being provisioned, or have another job` }
    : undefined;
}

function soak({ rollout, now }: Situation, isLast: boolean): Decision {
  if (rollout.waveDoneAt === undefined) return { kind: "soak" };
  const left = rollout.waveDoneAt + rollout.soakMs - now;
  if (left > 0) return { kind: "wait", why: `the wave soaks for another ${Math.ceil(left / 1_000)} s` };
  return { kind: isLast ? "finish" : "next_wave" };
}

/** Moves boxes that were made on the old image during the last wave; new boxes get the new image by now. */
function sweepUp(situation: Situation): Decision {
  const left = inSequence(
    situation.rollout.id,
    situation.boxes.filter(({ onNew }) => !onNew),
  );
  return moveSome(situation, left) ?? { kind: "end", status: "succeeded" };
}

/** Boxes being moved turn back at once; then unhealthy ones, then the rest. */
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

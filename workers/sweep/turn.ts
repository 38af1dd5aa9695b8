/** How the subrequests of one run of the Worker are shared out among the sweeps. */
import type { Ctx } from "../context.ts";
import type { SweepTurn } from "../contracts/sweep-turn.ts";
import { counted, countedDatabase } from "../services/counted.ts";
import { lastFirst } from "../services/each-item.ts";

export interface Sweep {
  name: string;
  /** Subrequests with which it does something: its questions, and one of its items. */
  least: number;
  run: (ctx: Ctx) => Promise<unknown>;
}

export interface Minute {
  /** Subrequests that the run may make. */
  limit: number;
  minute: number;
  take: (sweep: Sweep, turn: SweepTurn) => Promise<void>;
}

/** What estimates may be wrong by. */
const SPARE = 0.1;
/** QStash's client tries three times. */
const WAKE = 3;

/**
 * Gives each sweep its turn; then what is left over to those that could not do everything. Whoever came last, and may not have
 * come to its turn at all, is first in the next minute. Returns those that did not.
 */
export async function takeTurns(sweeps: readonly Sweep[], minute: Minute): Promise<Sweep[]> {
  const first = await round(lastFirst(sweeps, minute.minute), Math.floor(minute.limit * (1 - SPARE)), minute);
  await round(first.unfinished, first.left, minute);
  return first.passedOver;
}

/** An equal part of what is left for each, or its least where that is more; but none takes another's least. */
async function round(order: readonly Sweep[], limit: number, { minute, take }: Minute) {
  const passedOver: Sweep[] = [];
  const unfinished: Sweep[] = [];
  let left = limit;
  for (const [i, sweep] of order.entries()) {
    const behind = order.slice(i + 1);
    const owed = behind.reduce((sum, { least }) => sum + least, 0);
    const share = Math.max(sweep.least, Math.min(Math.floor(left / (behind.length + 1)), left - owed));
    if (share > left) {
      passedOver.push(sweep);
      continue;
    }
    const turn = { sweep: sweep.name, minute, failed: 0, postponed: 0, left: share };
    await take(sweep, turn);
    left -= share - turn.left;
    if (turn.postponed > 0) unfinished.push(sweep);
  }
  return { left, passedOver, unfinished };
}

/** The context of a turn: whatever is asked of others by it is counted. */
export const inTurn = (ctx: Ctx, turn: SweepTurn): Ctx => ({
  ...ctx,
  turn,
  db: countedDatabase(turn, ctx.db),
  mail: counted(turn, ctx.mail),
  qstash: counted(turn, ctx.qstash, WAKE),
  meter: (id) => counted(turn, ctx.meter(id)),
  mailbox: (id) => counted(turn, ctx.mailbox(id)),
  tally: (...args) => {
    turn.left -= 1;
    return ctx.tally(...args);
  },
});

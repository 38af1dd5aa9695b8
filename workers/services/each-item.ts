import type { Ctx } from "../context.ts";
import type { SweepTurn } from "../contracts/sweep-turn.ts";
import { type LogFields, logError } from "../log.ts";

export interface Items<T> {
  items: Iterable<T>;
  /** Subrequests that one of them makes at most: with fewer left in the sweep's turn, it waits for the next minute. */
  cost: number;
  /** The fields that name it in the log. */
  name: (item: T) => LogFields;
}

/**
 * Does the work for each item, one after another. An item that throws is counted and logged, and keeps no other from its turn:
 * a sweep is no better than the worst of its rows otherwise. A sweep begins with another item each minute, so that where its
 * subrequests never suffice for all, they suffice for each in time.
 */
export async function eachItem<T>(
  ctx: Pick<Ctx, "requestId" | "turn">,
  { items, cost, name }: Items<T>,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const { turn } = ctx;
  const list = turn ? lastFirst([...items], turn.minute) : [...items];
  for (const [i, item] of list.entries()) {
    if (isSpent(turn, cost, list.length - i)) return;
    try {
      await work(item);
    } catch (error) {
      if (turn) turn.failed += 1;
      logError("sweep_failed", ctx.requestId, error, { ...(turn && { sweep: turn.sweep }), ...name(item) });
    }
  }
}

/** Whether the turn has fewer subrequests left than the next step costs; then so many items wait for the next minute. */
export function isSpent(turn: SweepTurn | undefined, cost: number, waiting = 1): boolean {
  if (!turn || turn.left >= cost) return false;
  turn.postponed += waiting;
  return true;
}

/** The list from another place on each minute: whoever was last in one minute is first in the next. */
export function lastFirst<T>(list: readonly T[], minute: number): T[] {
  const first = (list.length - (minute % list.length)) % list.length;
  return [...list.slice(first), ...list.slice(0, first)];
}

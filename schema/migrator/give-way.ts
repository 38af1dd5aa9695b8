import { setTimeout as wait } from "node:timers/promises";

/** lock_not_available, deadlock_detected, serialization_failure: another session held what we need. */
const IN_THE_WAY = new Set(["55P03", "40P01", "40001"]);
const TRIES = 20;
const LONGEST_PAUSE_MS = 8_000;

export type OnRetry = (reason: string, pauseMs: number) => void;

/**
 * Tries the work again when it got no lock in time. While we wait for a lock, everybody behind us waits too; so we wait
 * shortly, and often, with growing pauses in which they catch up: for some two minutes altogether.
 */
export async function givingWay<T>(work: () => Promise<T>, onRetry: OnRetry): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await work();
    } catch (error) {
      if (tried === TRIES || !isInTheWay(error)) throw error;
      const pauseMs = Math.min(LONGEST_PAUSE_MS, 250 * 2 ** (tried - 1));
      onRetry(error.message, pauseMs);
      await wait(pauseMs);
    }
  }
}

const isInTheWay = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && IN_THE_WAY.has(String(error.code));

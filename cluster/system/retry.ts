import { setTimeout as delay } from "node:timers/promises";

/** Waits, and rejects with the signal's reason when it aborts first. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  try {
    await delay(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** Evenly between `floorMs` and `min(capMs, floorMs · 2^attempt)`, so that agents don't retry at the same time. */
export function fullJitter(attempt: number, floorMs: number, capMs: number, random = Math.random): number {
  const ceiling = Math.min(capMs, floorMs * 2 ** Math.min(attempt, 30));
  return floorMs + random() * (ceiling - floorMs);
}

export interface RetryPolicy {
  /** The number of attempts, the first one included. */
  attempts: number;
  floorMs: number;
  capMs: number;
  signal?: AbortSignal | undefined;
  /** Whether to retry after this error; a number is the shortest wait in ms that the server asked for. */
  retryable(error: unknown): boolean | number;
}

/** Calls `attempt` until it succeeds, fails for good, or `attempts` are used up; the last error is thrown. */
export async function retry<T>(policy: RetryPolicy, attempt: () => Promise<T>): Promise<T> {
  for (let n = 1; ; n++) {
    try {
      return await attempt();
    } catch (error) {
      policy.signal?.throwIfAborted();
      const verdict = n < policy.attempts && policy.retryable(error);
      if (verdict === false) throw error;
      const jitter = fullJitter(n, policy.floorMs, policy.capMs);
      await sleep(verdict === true ? jitter : verdict + jitter, policy.signal);
    }
  }
}

/** Seconds of a `Retry-After` header as ms, capped at half a minute; undefined if it is unusable. */
export function retryAfterMs(header: string | null | undefined): number | undefined {
  const seconds = Number(header ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 30) * 1_000 : undefined;
}

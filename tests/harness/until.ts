import { setTimeout as delay } from "node:timers/promises";

const LONGEST_PAUSE_MS = 50;

/** Asks again until there is an answer: tests wait for conditions, never for a length of time. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 30_000,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  let problem: unknown;
  // Quickly at first: what a test of one process waits for is mostly there within milliseconds.
  for (let pauseMs = 5; performance.now() < end; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 1.5)) {
    try {
      const answer = await probe();
      if (answer) return answer;
    } catch (error) {
      problem = error;
    }
    await delay(pauseMs);
  }
  throw new Error(`waited ${timeoutMs} ms in vain: ${what}`, { cause: problem });
}

import { type BoxFailure, DriverFailure, type ReportStep } from "../driver.ts";
import { type FollowOptions, follow } from "./follow.ts";
import type { Trouble } from "./pod-trouble.ts";

/** What the current state means for the caller. */
export type Verdict = { done: true } | { done: false; waitingFor: string; trouble?: Trouble | undefined };

export interface WaitOptions {
  signal: AbortSignal;
  report: ReportStep;
  step: string;
  budgetMs: number;
  /** Called when the time is up, with what was last waited for. */
  late(waitingFor: string): BoxFailure;
}

/** One collection to watch while waiting. */
export type Source = (changed: () => void, signal: AbortSignal) => Promise<void>;

/** A source that passes the current objects to `put`. */
export const source =
  <T>(options: Omit<FollowOptions<T>, "signal" | "changed">, put: (items: T[]) => void): Source =>
  (changed, signal) =>
    follow({
      ...options,
      signal,
      changed: (items) => {
        put([...items.values()]);
        changed();
      },
    });

/**
 * Watches the sources until `decide` says done. Throws `DriverFailure` when a problem lasts longer than its grace
 * or the time is up, the signal's reason when it aborts, and a source's errors.
 */
export async function waitFor(sources: Source[], decide: () => Verdict, options: WaitOptions): Promise<void> {
  const { signal, report, step } = options;
  const over = new AbortController();
  const watching = AbortSignal.any([signal, over.signal]);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const seen = new Set<number>();
  let waitingFor = "";
  let trouble: { code: string; graceMs: number; timer: NodeJS.Timeout } | undefined;

  const takeTrouble = (now: Trouble | undefined) => {
    if (trouble?.code === now?.failure.code && trouble?.graceMs === now?.graceMs) return;
    clearTimeout(trouble?.timer);
    trouble = now && {
      code: now.failure.code,
      graceMs: now.graceMs,
      timer: setTimeout(() => reject(new DriverFailure(now.failure)), now.graceMs),
    };
  };
  const look = (index: number) => {
    seen.add(index);
    if (seen.size < sources.length || watching.aborted) return;
    const verdict = decide();
    if (verdict.done) return resolve();
    if (verdict.waitingFor !== waitingFor) void report(step, verdict.waitingFor);
    waitingFor = verdict.waitingFor;
    takeTrouble(verdict.trouble);
  };

  const budget = setTimeout(() => reject(new DriverFailure(options.late(waitingFor))), options.budgetMs);
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const running = sources.map((start, index) => start(() => look(index), watching).catch(reject));
  try {
    signal.throwIfAborted();
    await promise;
  } finally {
    signal.removeEventListener("abort", onAbort);
    clearTimeout(budget);
    clearTimeout(trouble?.timer);
    over.abort();
    await Promise.all(running);
  }
}

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ReasonCode } from "#schema/domain/reasons/catalogue.ts";
import { failureOf } from "../driver.ts";
import { type Source, type Verdict, waitFor } from "./wait.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const failure = (code: ReasonCode) => failureOf(code, code);
const pending = (waitingFor: string, code?: ReasonCode, graceMs = 30_000): Verdict => ({
  done: false,
  waitingFor,
  ...(code ? { trouble: { failure: failure(code), graceMs } } : {}),
});

/** A wait on one source whose verdict the test sets. */
function start(signal: AbortSignal = new AbortController().signal, second?: Source) {
  let verdict = pending("first");
  let changed: (() => void) | undefined;
  const steps: string[] = [];
  const first: Source = async (onChange, over) => {
    changed = onChange;
    onChange();
    await new Promise((ended) => over.addEventListener("abort", ended));
  };
  const waiting = waitFor(second ? [first, second] : [first], () => verdict, {
    signal,
    report: async (_step, message) => void steps.push(message),
    step: "start",
    budgetMs: 300_000,
    late: (waitingFor) => ({ ...failure("timeout"), message: `late: ${waitingFor}` }),
  });
  const settled = waiting.then(
    () => "done",
    (error) => error.failure?.message ?? error.message,
  );
  const become = (next: Verdict) => {
    verdict = next;
    changed?.();
  };
  return { become, settled, steps };
}

it("ends when it is done, and told each change on the way once", async () => {
  const { become, settled, steps } = start();
  become(pending("second"));
  become(pending("second"));
  become({ done: true });
  await expect(settled).resolves.toBe("done");
  expect(steps).toEqual(["first", "second"]);
});

it("fails with a trouble that lasts", async () => {
  const { become, settled } = start();
  become(pending("x", "image"));
  vi.advanceTimersByTime(15_000);
  become(pending("x", "image"));
  vi.advanceTimersByTime(15_000);
  await expect(settled).resolves.toBe("image");
});

it("forgets a trouble that passes, and starts anew with another", async () => {
  const { become, settled } = start();
  become(pending("x", "unschedulable"));
  vi.advanceTimersByTime(29_000);
  become(pending("x"));
  vi.advanceTimersByTime(29_000);
  become(pending("x", "crash_loop", 0));
  vi.advanceTimersByTime(1);
  await expect(settled).resolves.toBe("crash_loop");
});

it("fails at once when the same trouble turns hopeless", async () => {
  const { become, settled } = start();
  become(pending("x", "crash_loop", 30_000));
  become(pending("x", "crash_loop", 0));
  vi.advanceTimersByTime(1);
  await expect(settled).resolves.toBe("crash_loop");
});

it("says what it waited for last when the time is up", async () => {
  const { become, settled } = start();
  become(pending("the pod"));
  vi.advanceTimersByTime(300_000);
  await expect(settled).resolves.toBe("late: the pod");
});

it("ends with the signal's reason", async () => {
  const controller = new AbortController();
  const { settled } = start(controller.signal);
  controller.abort(new Error("lost"));
  await expect(settled).resolves.toBe("lost");
});

it("judges nothing before every source has spoken", async () => {
  let speak: (() => void) | undefined;
  const silent: Source = async (changed, over) => {
    speak = changed;
    await new Promise((ended) => over.addEventListener("abort", ended));
  };
  const { become, settled, steps } = start(undefined, silent);
  become({ done: true });
  expect(steps).toEqual([]);
  speak?.();
  await expect(settled).resolves.toBe("done");
});

it("throws what a source throws", async () => {
  const broken: Source = () => Promise.reject(new Error("no right to watch"));
  const { settled } = start(undefined, broken);
  await expect(settled).resolves.toBe("no right to watch");
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createReloadWatch } from "./reload-watch.ts";

let missed = 0;
let isUp = true;
const watch = () => createReloadWatch({ isUp: () => isUp, onMissed: () => void missed++, noticesMs: 1_000 });
beforeEach(() => {
  vi.useFakeTimers();
  [missed, isUp] = [0, true];
});
afterEach(() => vi.useRealTimers());

function running(): ReturnType<typeof watch> {
  const gateway = watch();
  gateway.onWritten("a");
  gateway.onStart();
  return gateway;
}

test("a change of which the gateway says nothing was missed", () => {
  const gateway = running();
  gateway.onWritten("b");
  gateway.onLine("[telegram] Inbound message");
  vi.advanceTimersByTime(1_000);
  expect(missed).toBe(1);
});

test.each([
  "config change detected; evaluating reload (agents)",
  "config reload skipped (invalid config): gateway.port",
])("one that it speaks of was not: %s", (words) => {
  const gateway = running();
  gateway.onWritten("b");
  gateway.onLine(`2026-11-30T00:00:00Z [reload] ${words}`);
  vi.advanceTimersByTime(5_000);
  expect(missed).toBe(0);
});

test("what was changed back needs no word, nor what was written before the start", () => {
  const gateway = running();
  gateway.onWritten("b");
  gateway.onWritten("a");
  vi.advanceTimersByTime(5_000);
  gateway.onWritten("c");
  gateway.onStart();
  vi.advanceTimersByTime(5_000);
  expect(missed).toBe(0);
});

test("a gateway that is starting has as long once it is up", () => {
  const gateway = running();
  isUp = false;
  gateway.onWritten("b");
  vi.advanceTimersByTime(5_000);
  expect(missed).toBe(0);
  isUp = true;
  vi.advanceTimersByTime(1_000);
  expect(missed).toBe(1);
});

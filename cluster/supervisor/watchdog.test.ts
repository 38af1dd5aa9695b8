import { expect, test } from "vitest";
import { createWatchdog } from "./watchdog.ts";

function dog() {
  let time = 1_000;
  const isStuck = createWatchdog({ silentMs: 100, startMs: 300 }, () => time);
  return { isStuck, at: (ms: number) => (time = ms) };
}

test("a gateway may take its time to start, but not for ever", () => {
  const { isStuck, at } = dog();
  const gateway = { running: true, startedAt: 1_000 };
  at(1_300);
  expect(isStuck(gateway, false)).toBe(false);
  at(1_301);
  expect(isStuck(gateway, false)).toBe(true);
});

test("one that has answered may be silent for less long", () => {
  const { isStuck, at } = dog();
  const gateway = { running: true, startedAt: 1_000 };
  at(2_000);
  expect(isStuck(gateway, true)).toBe(false);
  at(2_100);
  expect(isStuck(gateway, false)).toBe(false);
  at(2_101);
  expect(isStuck(gateway, false)).toBe(true);
});

test("the next process starts with the long limit, and none is never stuck", () => {
  const { isStuck, at } = dog();
  isStuck({ running: true, startedAt: 1_000 }, true);
  at(2_000);
  expect(isStuck({ running: false, startedAt: 1_000 }, false)).toBe(false);
  at(2_250);
  expect(isStuck({ running: true, startedAt: 2_000 }, false)).toBe(false);
});

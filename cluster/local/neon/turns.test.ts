import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Turns } from "./turns.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("goes to one at a time, in the order of asking", async () => {
  const turns = new Turns(1000);
  const order: string[] = [];
  expect(await turns.take()).toBe(true);
  const waiting = ["first", "second"].map((name) => turns.take().then(() => order.push(name)));
  turns.pass();
  await waiting[0];
  expect(order).toEqual(["first"]);
  turns.pass();
  await waiting[1];
  expect(order).toEqual(["first", "second"]);
  turns.pass();
  expect(await turns.take()).toBe(true);
});

test("who waits too long goes away empty-handed, and is skipped", async () => {
  const turns = new Turns(1000);
  await turns.take();
  const impatient = turns.take();
  await vi.advanceTimersByTimeAsync(600);
  const patient = turns.take();
  await vi.advanceTimersByTimeAsync(400);
  expect(await impatient).toBe(false);
  turns.pass();
  expect(await patient).toBe(true);
});

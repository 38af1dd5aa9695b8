import { expect, it } from "vitest";
import { createBell } from "./bell.ts";

const FOREVER = 60_000;

it("wakes who waits, and keeps a ring for who waits later", async () => {
  const bell = createBell();
  const { signal } = new AbortController();
  const waiting = bell.wait(FOREVER, signal);
  bell.ring();
  await waiting;
  bell.ring();
  bell.ring();
  await bell.wait(FOREVER, signal);
  const since = performance.now();
  await bell.wait(20, signal);
  expect(performance.now() - since, "two rings between waits are one").toBeGreaterThan(10);
});

it("lets go when it is all over", async () => {
  const over = new AbortController();
  const waiting = createBell().wait(FOREVER, over.signal);
  over.abort();
  await waiting;
});

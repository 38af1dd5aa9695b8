import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fullJitter, retry, retryAfterMs, sleep } from "./retry.ts";

describe("fullJitter", () => {
  it("stays between floor and cap for every attempt and every luck", () => {
    const luck = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.nat(1_000), luck, (attempt, random) => {
        const wait = fullJitter(attempt, 500, 30_000, () => random);
        expect(wait).toBeGreaterThanOrEqual(500);
        expect(wait).toBeLessThanOrEqual(30_000);
      }),
    );
  });

  it("reaches the cap only after some failures", () => {
    expect(fullJitter(0, 500, 30_000, () => 0.99)).toBe(500);
    expect(fullJitter(10, 500, 30_000, () => 0.99)).toBeGreaterThan(29_000);
  });
});

describe("retry", () => {
  const policy = { attempts: 3, floorMs: 0, capMs: 0, retryable: () => true };
  const failing = (times: number) => {
    const state = { calls: 0 };
    const attempt = async () => {
      state.calls++;
      if (state.calls <= times) throw new Error(`failure ${state.calls}`);
      return "done";
    };
    return { state, attempt };
  };

  it("returns what a later attempt gives", async () => {
    const { state, attempt } = failing(2);
    await expect(retry(policy, attempt)).resolves.toBe("done");
    expect(state.calls).toBe(3);
  });

  it("throws the last error when the attempts are used up", async () => {
    const { state, attempt } = failing(9);
    await expect(retry(policy, attempt)).rejects.toThrow("failure 3");
    expect(state.calls).toBe(3);
  });

  it("does not try again what can't pass", async () => {
    const { state, attempt } = failing(9);
    await expect(retry({ ...policy, retryable: () => false }, attempt)).rejects.toThrow("failure 1");
    expect(state.calls).toBe(1);
  });

  it("stops waiting when the signal aborts", async () => {
    const controller = new AbortController();
    const { attempt } = failing(9);
    const waiting = retry({ ...policy, floorMs: 60_000, capMs: 60_000, signal: controller.signal }, attempt);
    controller.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
  });
});

it("sleep rejects with the signal's own reason", async () => {
  const controller = new AbortController();
  const asleep = sleep(60_000, controller.signal);
  controller.abort(new Error("awake"));
  await expect(asleep).rejects.toThrow("awake");
});

it("retryAfterMs takes seconds up to half a minute and nothing else", () => {
  expect(retryAfterMs("2")).toBe(2_000);
  expect(retryAfterMs("86400")).toBe(30_000);
  expect(retryAfterMs("Wed, 21 Oct 2026 07:28:00 GMT")).toBeUndefined();
  expect(retryAfterMs("-1")).toBeUndefined();
  expect(retryAfterMs(null)).toBeUndefined();
});

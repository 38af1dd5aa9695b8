import { describe, expect, test } from "vitest";
import type { Message } from "./message.ts";
import { nextStep } from "./next-step.ts";

const message = (values: Partial<Message> = {}) => ({ retries: 5, retried: 0, ...values }) as Message;
const outcome = (status: number, headers: Record<string, string> = {}) => ({ status, headers, body: "" });
const retryIn = (delayMs: number) => ({ kind: "retry", delayMs });

test.each([
  [200, {}, "delivered"],
  [204, {}, "delivered"],
  [489, { "upstash-nonretryable-error": "true" }, "failed"],
  [489, {}, "retry"],
  [302, {}, "retry"],
  [401, {}, "retry"],
  [0, {}, "retry"],
])("after %i %j: %s", (status, headers, kind) => {
  expect(nextStep(message(), outcome(status, headers)).kind).toBe(kind);
});

describe("retries", () => {
  test.each([
    [0, 12],
    [1, 148],
    [2, 1_808],
    [3, 22_026],
    [4, 86_400],
  ])("after %i of them: %i s by QStash's own backoff", (retried, seconds) => {
    expect(nextStep(message({ retried }), outcome(500))).toEqual(retryIn(seconds * 1_000));
  });

  test("follow the publisher's expression", () => {
    const retryDelay = "min(60000, pow(2, retried) * 1000)";
    const after = (retried: number) => nextStep(message({ retries: 9, retried, retryDelay }), outcome(500));
    expect([0, 1, 5, 6].map(after)).toEqual([1_000, 2_000, 32_000, 60_000].map(retryIn));
  });

  test("follow the destination's Retry-After, up to a day", () => {
    expect(nextStep(message(), outcome(503, { "retry-after": "5" }))).toEqual(retryIn(5_000));
    expect(nextStep(message(), outcome(503, { "retry-after": "86401" }))).toEqual(retryIn(12_000));
  });

  test("end with the last one", () => {
    expect(nextStep(message({ retried: 5 }), outcome(500))).toEqual({ kind: "failed" });
  });
});

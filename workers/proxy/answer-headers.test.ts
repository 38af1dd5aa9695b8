import { expect, it } from "vitest";
import { answerHeaders } from "./answer-headers.ts";

const standing = { limit: 1_000, settled: 100, reserved: 50, resetsAt: 61_001, requestsLeft: 17 };
const entries = (over: Partial<typeof standing>, type = "application/json") =>
  answerHeaders({ ...standing, ...over }, type, 1_000);

it("tells where the customer stands", () => {
  expect(entries({})).toEqual({
    "content-type": "application/json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-ratelimit-limit-requests": "20",
    "x-ratelimit-remaining-requests": "17",
    "x-ratelimit-reset-requests": "300ms",
    "x-ratelimit-limit-tokens": "1000",
    "x-ratelimit-remaining-tokens": "850",
    "x-ratelimit-reset-tokens": "61s",
  });
});

it("warns from nine tenths on, and never tells less than nothing", () => {
  expect(entries({ settled: 899 })).not.toHaveProperty("x-token-warning");
  expect(entries({ settled: 900 })).toHaveProperty("x-token-warning", "90%");
  expect(entries({ settled: 1_200 })).toHaveProperty("x-ratelimit-remaining-tokens", "0");
});

it("keeps streams out of caches that would hold them back", () => {
  expect(entries({}, "text/event-stream; charset=utf-8")["cache-control"]).toBe("no-cache");
});

import { describe, expect, test } from "vitest";
import { defaultBackoff, judge } from "./backoff.ts";
import { message, outcome, settings } from "./testing/sample.ts";

const NOW = Date.UTC(2026, 0, 1);

test("the default backoff is QStash's table: 12 s, 2 m 28 s, 30 m 8 s, 6 h 7 m 6 s, then a day", () => {
  const seconds = [1, 2, 3, 4, 5, 6].map((n) => defaultBackoff(n) / 1_000);
  expect(seconds).toEqual([12, 148, 1_808, 22_026, 86_400, 86_400]);
});

test.each([200, 201, 204, 299])("%i is a success", (status) => {
  expect(judge(message("m"), outcome(status), NOW)).toEqual({ kind: "delivered" });
});

test.each([0, 199, 301, 302, 400, 404, 429, 489, 500, 503])("%i is tried again", (status) => {
  expect(judge(message("m"), outcome(status), NOW)).toEqual({ kind: "retry", delayMs: 12_000 });
});

test("the retries are the settings', and then it has failed", () => {
  const second = settings({ retries: 2 });
  expect(judge(message("m", { settings: second, retried: 1 }), outcome(500), NOW).kind).toBe("retry");
  expect(judge(message("m", { settings: second, retried: 2 }), outcome(500), NOW).kind).toBe("failed");
  expect(judge(message("m", { settings: settings({ retries: 0 }) }), outcome(500), NOW).kind).toBe("failed");
});

test("489 is final only together with its header", () => {
  const header = { "Upstash-Nonretryable-Error": "true" };
  expect(judge(message("m"), outcome(489, header), NOW).kind).toBe("failed");
  expect(judge(message("m"), outcome(489, { "Upstash-Nonretryable-Error": "false" }), NOW).kind).toBe("retry");
  expect(judge(message("m"), outcome(500, header), NOW).kind).toBe("retry");
});

describe("an own delay expression", () => {
  const delays = (retryDelay: string) =>
    [0, 1, 2, 9].map((retried) =>
      judge(message("m", { retried, settings: settings({ retries: 20, retryDelay }) }), outcome(500), NOW),
    );
  const retry = (delayMs: number) => ({ kind: "retry", delayMs });

  test("counts from 0 and is in milliseconds", () => {
    expect(delays("min(60000, pow(2,retried)*1000)")).toEqual([1_000, 2_000, 4_000, 60_000].map(retry));
  });

  test("is held between now and a day", () => {
    expect(delays("-5000")).toEqual([0, 0, 0, 0].map(retry));
    expect(delays("exp(1000)")[0]).toEqual(retry(86_400_000));
  });

  test("that is no number falls back to the default", () => {
    expect(delays("sqrt(0-1)").slice(0, 2)).toEqual([12_000, 148_000].map(retry));
  });
});

describe("a delay that the destination asks for", () => {
  const delayFor = (header: Record<string, string>, values = {}) =>
    judge(message("m", { settings: settings(values) }), outcome(503, header), NOW);

  test.each([
    ["Retry-After", "0", 0],
    ["Retry-After", "5", 5_000],
    ["Retry-After", "6m5s", 365_000],
    ["Retry-After", "350ms", 350],
    ["Retry-After", new Date(NOW + 90_000).toUTCString(), 90_000],
    ["Retry-After", new Date(NOW - 90_000).toUTCString(), 0],
    ["X-Ratelimit-Reset", "7", 7_000],
    ["X-Ratelimit-Reset-Requests", "1.5", 1_500],
    ["X-Ratelimit-Reset-Tokens", "1h", 3_600_000],
  ])("%s: %s", (name, value, delayMs) => {
    expect(delayFor({ [name]: value })).toEqual({ kind: "retry", delayMs });
  });

  test("wins over an expression", () => {
    expect(delayFor({ "Retry-After": "5" }, { retryDelay: "1000" })).toEqual({ kind: "retry", delayMs: 5_000 });
  });

  test("is not honoured beyond a day, nor where it can't be read", () => {
    expect(delayFor({ "Retry-After": "86400" })).toEqual({ kind: "retry", delayMs: 86_400_000 });
    expect(delayFor({ "Retry-After": "86401" })).toEqual({ kind: "retry", delayMs: 12_000 });
    expect(delayFor({ "Retry-After": "soon" })).toEqual({ kind: "retry", delayMs: 12_000 });
  });

  test("does not add retries", () => {
    expect(delayFor({ "Retry-After": "5" }, { retries: 0 })).toEqual({ kind: "failed" });
  });
});

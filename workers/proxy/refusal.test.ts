import { describe, expect, it } from "vitest";
import type { RefusalReason } from "../contracts/meter.ts";
import type { Dialect } from "./dialects/dialect.ts";
import { errorResponse } from "./proxy-error.ts";
import { refusalError } from "./refusal.ts";

const place = { upgradeLink: "https://cloud.example/pricing", now: 1_000 };
const quota = { limit: 5_000, resetsAt: 90_001_000, onQuotaExceeded: "error", language: "en" } as const;
const answer = (reason: RefusalReason, retryAfterMs?: number, dialect: Dialect = "openai") =>
  errorResponse(
    dialect,
    refusalError(
      { ok: false, reason, ...(retryAfterMs && { retryAfterMs }), ...(reason === "quota_exceeded" && { quota }) },
      place,
    ),
    "r-1",
  );
const REASONS: RefusalReason[] = [
  "unknown_token",
  "revoked",
  "suspended",
  "rate_limited",
  "too_many_streams",
  "busy",
  "quota_exceeded",
  "unavailable",
];

describe("a refusal", () => {
  it("of the rate says to the millisecond when to come again", () => {
    const { status, headers } = answer("rate_limited", 1_234);
    expect(status).toBe(429);
    expect(Object.fromEntries(headers)).toMatchObject({
      "retry-after": "2",
      "retry-after-ms": "1234",
      "x-should-retry": "true",
      "x-ratelimit-limit-requests": "20",
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-requests": "1234ms",
    });
  });

  it("of the allowance tells clients not to try again, and when it is renewed", async () => {
    const response = answer("quota_exceeded");
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "retry-after": "90000",
      "x-should-retry": "false",
      "x-ratelimit-limit-tokens": "5000",
      "x-ratelimit-remaining-tokens": "0",
      "x-ratelimit-reset-tokens": "90000s",
    });
    expect(response.headers.has("retry-after-ms")).toBe(false);
    expect(await response.json()).toMatchObject({
      error: { code: "insufficient_quota", message: expect.stringMatching(/1970-01-02.*cloud\.example\/pricing/) },
    });
  });

  it("of a token is the same for every reason", async () => {
    expect(await answer("revoked").json()).toEqual(await answer("unknown_token").json());
  });

  it.each(REASONS)("for %s has each API's own shape, and no word of our key", async (reason) => {
    const [openai, responses, anthropic] = await Promise.all(
      (["openai", "responses", "anthropic"] as const).map((dialect) => answer(reason, 500, dialect).json()),
    );
    expect(openai).toEqual({
      error: { message: expect.any(String), type: expect.any(String), param: null, code: expect.any(String) },
    });
    expect(responses).toEqual(openai);
    expect(anthropic).toEqual({
      type: "error",
      error: { type: expect.stringMatching(/_error$/), message: expect.any(String) },
      request_id: "r-1",
    });
    expect(JSON.stringify(openai)).not.toMatch(/platform|provider|kimi|moonshot/i);
  });
});

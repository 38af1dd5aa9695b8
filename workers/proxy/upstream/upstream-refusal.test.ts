import { describe, expect, it } from "vitest";
import { modelFailure, refusalOf } from "./upstream-refusal.ts";

const ours = "key sk-abcdef0123456789 of organization org-abcdef0123 has no balance left";
const answer = (status: number, headers: Record<string, string> = {}, message = ours) =>
  refusalOf(Response.json({ error: { message, type: "x" } }, { status, headers }));

describe("refusalOf", () => {
  it.each([
    [401, "upstream_refused"],
    [402, "upstream_refused"],
    [403, "upstream_refused"],
    [404, "upstream_refused"],
    [302, "upstream_refused"],
    [408, "upstream_timeout"],
    [429, "upstream_refused"],
    [500, "upstream_failed"],
    [502, "upstream_failed"],
    [503, "upstream_busy"],
    [504, "upstream_timeout"],
    [529, "upstream_busy"],
  ])("turns %i into %s, without the provider's words", async (status, kind) => {
    const error = await answer(status);
    expect(error.kind).toBe(kind);
    expect(error.message).not.toMatch(/sk-|org-|balance|key/);
  });

  it("passes on what is wrong with the client's own request, without our keys and names", async () => {
    const error = await answer(400, {}, "messages[0] is wrong (org-abcdef0123, sk-abcdef0123456789)");
    expect(error).toMatchObject({ kind: "invalid_request", message: "messages[0] is wrong ([removed], [removed])" });
    expect((await refusalOf(new Response("<html>", { status: 400 }))).kind).toBe("invalid_request");
  });

  it("tells no wait that clients would ignore", async () => {
    const busy = (retryAfter: string) => answer(429, { "retry-after": retryAfter }, "slow down");
    expect((await busy("7")).retryAfterMs).toBe(7_000);
    expect((await busy("86400")).retryAfterMs).toBe(59_000);
    expect((await busy("Wed, 21 Oct 2026 07:28:00 GMT")).retryAfterMs).toBeUndefined();
  });
});

describe("modelFailure", () => {
  it.each([
    [401, "Invalid Authentication", "model_key_refused"],
    [403, "Your organisation may not use this API", "model_key_refused"],
    [402, "", "model_account_empty"],
    // Moonshot's, OpenAI's, Anthropic's and DeepSeek's.
    [
      429,
      '{"error":{"type":"exceeded_current_quota_error","message":"please check your plan"}}',
      "model_account_empty",
    ],
    [429, "Your account org-x is suspended, please check your plan and billing details", "model_account_empty"],
    [429, '{"error":{"code":"insufficient_quota"}}', "model_account_empty"],
    [403, "Your credit balance is too low to access the API", "model_account_empty"],
    [401, "Insufficient Balance", "model_account_empty"],
    [429, "Your account reached max RPM: 3, please try again after 1 seconds", "model_busy"],
    [429, "rate_limit_reached_error", "model_busy"],
    [429, "The engine is currently overloaded, please try again later", "model_busy"],
    [503, "billing is down", "model_busy"],
    [529, "", "model_busy"],
    [404, "Not found the model or Permission denied", "model_not_served"],
    [302, "", "model_not_served"],
    [500, "insufficient_quota", "model_unavailable"],
    [502, "", "model_unavailable"],
    [504, "", "model_unavailable"],
    [408, "", "model_unavailable"],
  ] as const)("%i %s is %s", (status, words, failure) => expect(modelFailure(status, words)).toBe(failure));
});

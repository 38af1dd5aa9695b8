import { describe, expect, it } from "vitest";
import { refusalOf } from "./upstream-refusal.ts";

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
    [429, "upstream_busy"],
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
    expect((await answer(429, { "retry-after": "7" })).retryAfterMs).toBe(7_000);
    expect((await answer(429, { "retry-after": "86400" })).retryAfterMs).toBe(59_000);
    expect((await answer(429, { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" })).retryAfterMs).toBeUndefined();
  });
});

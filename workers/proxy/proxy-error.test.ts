import { describe, expect, it } from "vitest";
import type { Refusal, RefusalReason } from "../contracts/meter.ts";
import { errorEvent, errorResponse, keepaliveEvent, ProxyError } from "./proxy-error.ts";
import { refusalError } from "./refusal.ts";

const place = { upgradeLink: "https://x.example/pricing", now: 1_000_000 };
const respond = (refusal: Refusal, dialect: "openai" | "anthropic" = "openai") =>
  errorResponse(dialect, refusalError(refusal, place), "r1");

describe("errorResponse", () => {
  it("has each vendor's shape", async () => {
    const error = new ProxyError("invalid_request", "no", { param: "n" });
    expect(await errorResponse("openai", error, "r1").json()).toEqual({
      error: { message: "no", type: "invalid_request_error", param: "n", code: null },
    });
    expect(await errorResponse("anthropic", error, "r1").json()).toEqual({
      type: "error",
      error: { type: "invalid_request_error", message: "no" },
      request_id: "r1",
    });
  });

  it("tells an exact wait for the rate, and that trying again helps", () => {
    const { status, headers } = respond({ ok: false, reason: "rate_limited", retryAfterMs: 1_234.5 });
    expect(status).toBe(429);
    expect(headers.get("retry-after")).toBe("2");
    expect(headers.get("retry-after-ms")).toBe("1235");
    expect(headers.get("x-should-retry")).toBe("true");
  });

  it("tells when a spent allowance is renewed, and that trying again does not help", () => {
    const quota = { limit: 5, resetsAt: place.now + 60_000, onQuotaExceeded: "error", language: "en" } as const;
    const { status, headers } = respond({ ok: false, reason: "quota_exceeded", quota });
    expect(status).toBe(429);
    expect(headers.get("retry-after")).toBe("60");
    expect(headers.get("retry-after-ms")).toBeNull();
    expect(headers.get("x-should-retry")).toBe("false");
  });

  it.each([
    ["unknown_token", 401],
    ["revoked", 401],
    ["suspended", 403],
    ["too_many_streams", 429],
    ["unavailable", 503],
  ] as const satisfies readonly (readonly [RefusalReason, number])[])("answers %s with %i", (reason, status) => {
    expect(respond({ ok: false, reason }).status).toBe(status);
  });

  it("does not say why a token is bad", async () => {
    const [unknown, revoked] = (["unknown_token", "revoked"] as const).map((reason) => respond({ ok: false, reason }));
    expect(await unknown?.text()).toBe(await revoked?.text());
  });
});

describe("errorEvent", () => {
  it("ends an open event before its own", () => {
    const error = new ProxyError("upstream_failed", "gone");
    const text = (dialect: "openai" | "anthropic") => new TextDecoder().decode(errorEvent(dialect, error, "r1"));
    expect(text("openai")).toMatch(/^\n\ndata: \{"error":.*\}\n\n$/);
    expect(text("anthropic")).toMatch(/^\n\nevent: error\ndata: \{"type":"error",.*\}\n\n$/);
  });
});

describe("what is put into a stream", () => {
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

  it("an error of the Responses API has its own fields and the one that clients throw by", () => {
    const sent = text(errorEvent("responses", new ProxyError("upstream_failed", "gone"), "r-1"));
    expect(sent.startsWith("\n\nevent: error\ndata: ")).toBe(true);
    expect(JSON.parse(sent.slice(sent.indexOf("{")))).toEqual({
      type: "error",
      code: "upstream_failed",
      message: "gone",
      param: null,
      error: { message: "gone", type: "server_error", param: null, code: "upstream_failed" },
    });
  });

  it("a sign of life is a comment, or Anthropic's ping", () => {
    expect(text(keepaliveEvent("openai"))).toBe(": keepalive\n\n");
    expect(text(keepaliveEvent("responses"))).toBe(": keepalive\n\n");
    expect(text(keepaliveEvent("anthropic"))).toBe('event: ping\ndata: {"type":"ping"}\n\n');
  });
});

import { describe, expect, it } from "vitest";
import type { MeterSnapshot, MeterToken } from "../../contracts/meter.ts";
import { admitToken } from "./admission.ts";

const token = (over: Partial<MeterToken>): MeterToken => ({
  id: "t",
  hash: "h",
  boxId: "b",
  status: "active",
  onQuotaExceeded: "message",
  expiresAt: null,
  suspended: false,
  ...over,
});

const admit = (over: Partial<MeterToken>, hash = "h") => {
  const tokens = [token({ id: "other", hash: "o" }), token(over)];
  const snapshot: MeterSnapshot = {
    customerId: "c",
    language: "en",
    limit: 1,
    maxOutputTokens: 1,
    period: null,
    billedByStripe: false,
    tokens,
    booked: [],
  };
  return admitToken(snapshot, hash, 1_000);
};

describe("admitToken", () => {
  it("finds the token of the hash", () => {
    expect(admit({})).toMatchObject({ id: "t" });
    expect(admit({ status: "retiring", expiresAt: 1_001 })).toMatchObject({ id: "t" });
  });

  it.each([
    ["a hash nobody has", {}, "x", "unknown_token"],
    ["a revoked token", { status: "revoked" }, "h", "revoked"],
    ["a retiring token in the millisecond it ends", { status: "retiring", expiresAt: 1_000 }, "h", "revoked"],
    ["the token of a suspended box", { suspended: true }, "h", "suspended"],
    ["a revoked token of a suspended box", { suspended: true, status: "revoked" }, "h", "revoked"],
  ] as const)("refuses %s", (_, over, hash, reason) => {
    expect(admit(over, hash)).toEqual({ ok: false, reason });
  });
});

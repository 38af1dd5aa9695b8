import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { openMeter, usage } from "../testing/open-meter.ts";
import { sampleSnapshot, sampleToken } from "./token-meter/testing/fake-ledger.ts";

describe("TokenMeter", () => {
  it("holds, then books what was used", async () => {
    const { granted, settle, standing } = await openMeter();
    const { reservationId, maxOutputTokens, standing: at } = await granted();
    expect({ maxOutputTokens, ...at }).toMatchObject({ maxOutputTokens: 1_000, settled: 0, reserved: 1_375 });
    expect(await settle(reservationId, usage(300, 20))).toBe(true);
    expect(await standing()).toEqual({ settled: 320, reserved: 0 });
  });

  it("settles at most once, and nothing that it does not know", async () => {
    const { granted, settle, standing } = await openMeter();
    const { reservationId } = await granted();
    const settled = await Promise.all(Array.from({ length: 20 }, () => settle(reservationId, usage(300, 20))));
    expect(settled.filter(Boolean)).toHaveLength(1);
    expect(await settle("never-made", usage(1, 1))).toBe(false);
    expect(await standing()).toEqual({ settled: 320, reserved: 0 });
  });

  it("books nothing for a request that the provider did not serve", async () => {
    const { ledger, stub, granted, settle, standing } = await openMeter();
    const { reservationId } = await granted();
    await settle(reservationId, null);
    expect(await standing()).toEqual({ settled: 0, reserved: 0 });
    await runDurableObjectAlarm(stub);
    expect(ledger.events.size).toBe(0);
  });

  it("gives the same request the same reservation", async () => {
    const { granted } = await openMeter();
    const first = await granted({ requestId: "twice" });
    const second = await granted({ requestId: "twice" });
    expect(second.reservationId).toBe(first.reservationId);
    expect(second.standing.reserved).toBe(first.standing.reserved);
  });

  it("keeps every counter over an eviction", async () => {
    const { ledger, stub, attach, granted, settle, standing } = await openMeter();
    const first = await granted();
    await settle(first.reservationId, usage(300, 20));
    const second = await granted();
    await evictDurableObject(stub);
    await attach();
    expect(await standing()).toEqual({ settled: 320, reserved: 1_375 });
    expect(ledger.loads).toBe(1);
    expect(await settle(second.reservationId, usage(1, 1))).toBe(true);
  });
});

describe("the monthly limit", () => {
  it("lets exactly k of 500 parallel requests through that have room for k", async () => {
    const tokens = Array.from({ length: 100 }, (_, i) => sampleToken(`t${i}`));
    // At the edge each request holds 700 + 300.
    for (const k of [0, 1, 137, 499]) {
      const period = sampleSnapshot().period;
      const booked = period ? [{ periodStart: period.start, tokens: 10_000_000 - k * 1_000 }] : [];
      const { reserve } = await openMeter({ tokens, limit: 10_000_000, booked });
      const answers = await Promise.all(
        Array.from({ length: 500 }, (_, i) =>
          reserve({ hash: `t${i % 100}`, promptBytes: 700, promptEstimate: 700, maxOutput: 300, sliced: i % 2 === 0 }),
        ),
      );
      expect(answers.filter((answer) => answer.ok)).toHaveLength(k);
      const refused = answers.flatMap((answer) => (answer.ok ? [] : [answer.reason]));
      // Who is refused while others are under way may try again: what they hold may turn out too much.
      expect(new Set(refused)).toEqual(new Set([k > 0 ? "busy" : "quota_exceeded"]));
    }
  }, 60_000);

  it("clamps the output to what is left, then says when there is more, in the token's way", async () => {
    const { reserve, granted, settle } = await openMeter({
      limit: 3_000,
      language: "de",
      tokens: [sampleToken("a", { onQuotaExceeded: "message" })],
    });
    const { reservationId, maxOutputTokens } = await granted({ maxOutput: null });
    expect(maxOutputTokens).toBe(2_000);
    expect(await reserve()).toEqual({ ok: false, reason: "busy", retryAfterMs: 1_000 });
    await settle(reservationId, usage(400, 2_000));
    expect(await reserve()).toEqual({
      ok: false,
      reason: "quota_exceeded",
      quota: { limit: 3_000, resetsAt: Date.parse("2099-04-01T00:00:00Z"), onQuotaExceeded: "message", language: "de" },
    });
  });

  it("follows a resize at once", async () => {
    const { ledger, stub, reserve, granted } = await openMeter({ limit: 600 });
    expect(await reserve()).toMatchObject({ reason: "quota_exceeded" });
    ledger.snapshot = sampleSnapshot({ limit: 100_000 });
    await stub.sync("c");
    expect((await granted()).standing.limit).toBe(100_000);
  });

  it("stops new requests when one used more than was held for it", async () => {
    const { reserve, granted, settle } = await openMeter({ limit: 10_000 });
    const { reservationId } = await granted();
    await settle(reservationId, usage(9_900, 5_000));
    expect(await reserve()).toMatchObject({ reason: "quota_exceeded" });
  });

  it("starts from what the ledger holds where it has no rows of its own", async () => {
    const { period } = sampleSnapshot();
    const { stub, standing } = await openMeter({ booked: [{ periodStart: period?.start ?? 0, tokens: 4_321 }] });
    expect(await standing()).toEqual({ settled: 4_321, reserved: 0 });
    await stub.sync("c");
    expect(await standing()).toEqual({ settled: 4_321, reserved: 0 });
  });
});

describe("a period's end", () => {
  it("starts at nothing in the very millisecond, and books late answers to the old one", async () => {
    const { clock, ledger, stub, granted, settle, standing } = await openMeter();
    clock.now = Date.parse("2099-04-01T00:00:00Z") - 1;
    const { reservationId } = await granted();
    clock.now++;
    expect(await standing()).toEqual({ settled: 0, reserved: 0 });
    await settle(reservationId, usage(300, 20));
    expect(await standing()).toEqual({ settled: 0, reserved: 0 });
    await runDurableObjectAlarm(stub);
    expect([...ledger.events.values()]).toMatchObject([
      { periodStart: Date.parse("2099-03-01T00:00:00Z"), periodEnd: clock.now, occurredAt: clock.now },
    ]);
  });

  it("needs no database to begin", async () => {
    const { clock, ledger, granted } = await openMeter();
    await granted();
    ledger.mode = "down";
    clock.now = Date.parse("2099-05-20T00:00:00Z");
    expect((await granted()).standing).toMatchObject({ settled: 0, resetsAt: Date.parse("2099-06-01T00:00:00Z") });
  });
});

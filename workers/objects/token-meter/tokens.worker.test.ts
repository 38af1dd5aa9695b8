/** Who may ask, and what a stream is told while it runs. */
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { openMeter, usage } from "../../testing/open-meter.ts";
import { sampleSnapshot, sampleToken } from "./testing/fake-ledger.ts";

describe("tokens", () => {
  it("asks Postgres once about a hash it does not know, however often it comes", async () => {
    const { ledger, reserve, granted } = await openMeter();
    await granted();
    const answers = await Promise.all(Array.from({ length: 50 }, () => reserve({ hash: "unknown" })));
    expect(answers).toEqual(answers.map(() => ({ ok: false, reason: "unknown_token" })));
    expect(ledger.loads).toBeLessThanOrEqual(2);
  });

  it("learns of a new token without being told", async () => {
    const { clock, ledger, reserve, granted } = await openMeter();
    await granted();
    ledger.snapshot = sampleSnapshot({ tokens: [sampleToken("a"), sampleToken("new")] });
    clock.now += 10_000;
    expect((await reserve({ hash: "new" })).ok).toBe(true);
  });

  it("refuses a revoked token from the moment that sync returns", async () => {
    const { ledger, stub, reserve, granted } = await openMeter();
    await granted();
    ledger.snapshot = sampleSnapshot({ tokens: [] });
    await stub.sync("c");
    expect(await reserve()).toEqual({ ok: false, reason: "unknown_token" });
  });

  it("is not talked back into an older copy by a reading that took longer", async () => {
    const { ledger, stub, reserve } = await openMeter();
    let release = (): void => undefined;
    const gate = new Promise<void>((done) => {
      release = done;
    });
    const old = sampleSnapshot();
    const load = ledger.load;
    ledger.load = async () => gate.then(() => old);
    const slow = stub.sync("c");
    await runInDurableObject(stub, () => undefined);
    ledger.load = load;
    ledger.snapshot = sampleSnapshot({ tokens: [] });
    await stub.sync("c");
    release();
    await slow;
    expect(await reserve()).toEqual({ ok: false, reason: "unknown_token" });
  });

  it("fails closed without a copy and without a database", async () => {
    const { ledger, reserve } = await openMeter();
    ledger.mode = "down";
    expect(await reserve()).toEqual({ ok: false, reason: "unavailable" });
  });

  it("lets 20 at once and 10 a second through, and says exactly when the next may come", async () => {
    const { clock, stub, reserve } = await openMeter();
    const burst = await Promise.all(Array.from({ length: 25 }, () => stub.admit({ customerId: "c", hash: "a" })));
    expect(burst.filter((answer) => answer.ok)).toHaveLength(20);
    const refused = burst.find((answer) => !answer.ok);
    expect(refused).toEqual({ ok: false, reason: "rate_limited", retryAfterMs: 100 });
    clock.now += 99;
    expect((await reserve()).ok).toBe(false);
    clock.now += 1;
    expect((await reserve()).ok).toBe(true);
  });

  it("allows eight requests under way", async () => {
    const { reserve, granted, settle } = await openMeter();
    const first = await granted();
    for (let i = 0; i < 7; i++) await granted();
    expect(await reserve()).toMatchObject({ ok: false, reason: "too_many_streams" });
    await settle(first.reservationId, null);
    expect((await reserve()).ok).toBe(true);
  });
});

describe("a stream", () => {
  it("holds one slice at first, and leases what it is given", async () => {
    const { granted, settle, standing, extend } = await openMeter();
    const { reservationId, leasedTokens, maxOutputTokens } = await granted({ maxOutput: 8_000, sliced: true });
    expect({ leasedTokens, maxOutputTokens }).toEqual({ leasedTokens: 1_024, maxOutputTokens: 8_000 });
    expect(await extend(reservationId, 3_000)).toEqual({ ok: true, leasedTokens: 3_000 });
    expect(await extend(reservationId, 2_000)).toEqual({ ok: true, leasedTokens: 3_000 });
    expect(await standing()).toEqual({ settled: 0, reserved: 3_375 });
    expect(await extend(reservationId, 99_000)).toEqual({ ok: true, leasedTokens: 8_000 });
    await settle(reservationId, usage(300, 7_000));
    expect(await standing()).toEqual({ settled: 7_300, reserved: 0 });
    expect(await extend(reservationId, 9_000)).toEqual({ ok: false, cut: "over" });
  });

  it("gets no more than the plan has left, and more again when another ends", async () => {
    const { granted, settle, extend } = await openMeter({ limit: 10_000 });
    const long = await granted({ maxOutput: 9_000, sliced: true });
    const other = await granted({ maxOutput: 3_000 });
    // 10,000 less what the other holds, and less what both prompts may take.
    expect(await extend(long.reservationId, 9_000)).toEqual({ ok: true, leasedTokens: 5_000 });
    await settle(other.reservationId, usage(300, 200));
    expect(await extend(long.reservationId, 9_000)).toEqual({ ok: true, leasedTokens: 9_000 });
  });

  it("is held to a limit that was lowered meanwhile", async () => {
    const { ledger, stub, granted, extend } = await openMeter();
    const { reservationId } = await granted({ maxOutput: 8_000, sliced: true });
    ledger.snapshot = sampleSnapshot({ limit: 2_000 });
    await stub.sync("c");
    expect(await extend(reservationId, 8_000)).toEqual({ ok: true, leasedTokens: 1_625 });
  });

  it.each([
    ["revoked", { tokens: [] }],
    ["suspended", { tokens: [sampleToken("a", { suspended: true })] }],
    ["suspended", { period: null }],
  ] as const)("is told at once that it is %s", async (cut, over) => {
    const { ledger, stub, granted, extend } = await openMeter();
    const { reservationId } = await granted({ sliced: true });
    const word = stub.watch(reservationId);
    await runInDurableObject(stub, () => undefined);
    ledger.snapshot = sampleSnapshot(over);
    await stub.sync("c");
    expect(await word).toBe(cut);
    expect(await stub.watch(reservationId)).toBe(cut);
    expect(await extend(reservationId, 2_000)).toEqual({ ok: false, cut });
  });

  it("of a retiring token runs to its end", async () => {
    const { clock, ledger, stub, granted, settle, extend } = await openMeter();
    const { reservationId } = await granted({ sliced: true });
    ledger.snapshot = sampleSnapshot({ tokens: [sampleToken("a", { status: "retiring", expiresAt: clock.now })] });
    await stub.sync("c");
    expect(await extend(reservationId, 2_000)).toMatchObject({ ok: true });
    const word = stub.watch(reservationId);
    await settle(reservationId, usage(1, 1));
    expect(await word).toBe("over");
  });
});

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import type { MeterSnapshot, ReserveAnswer, ReserveAsk, Usage } from "../contracts/meter.ts";
import { meters } from "../testing/objects.ts";
import { RESERVATION_MS } from "./token-meter/reserve.ts";
import {
  createFakeLedger,
  type FakeLedger,
  sampleAsk,
  sampleSnapshot,
  sampleToken,
} from "./token-meter/testing/fake-ledger.ts";
import type { TokenMeter } from "./token-meter.ts";

// Far ahead, so that no alarm rings by itself.
const START = Date.parse("2099-03-10T00:00:00Z");

let now: number;
let ledger: FakeLedger;
let stub: DurableObjectStub<TokenMeter>;

/** A fresh meter on a clock and a ledger of ours. */
async function open(over: Partial<MeterSnapshot> = {}): Promise<void> {
  now = START;
  ledger = createFakeLedger(sampleSnapshot(over));
  stub = meters.get(meters.idFromName(crypto.randomUUID()));
  await attach();
}

/** What an eviction takes away: the instance, and with it the test's clock and ledger. */
const attach = () =>
  runInDurableObject(stub, (meter: TokenMeter) => {
    meter.now = () => now;
    meter.ledger = ledger;
  });

const reserve = async (over: Partial<ReserveAsk> = {}): Promise<ReserveAnswer> => await stub.reserve(sampleAsk(over));

async function granted(over: Partial<ReserveAsk> = {}) {
  const answer = await reserve(over);
  if (!answer.ok) throw new Error(`refused: ${answer.reason}`);
  return answer;
}

const usage = (inputTokens: number, outputTokens: number): Usage => ({
  inputTokens,
  cachedInputTokens: 0,
  outputTokens,
});

const settle = (reservationId: string, used: Usage | null) =>
  stub.settle({ reservationId, usage: used, outcome: "completed", estimated: false });

/** Where the customer stands, as the next request is told. */
async function standing() {
  const { reservationId, standing } = await granted({ promptBytes: 0, maxOutput: 1 });
  await settle(reservationId, null);
  return { settled: standing.settled, reserved: standing.reserved - 1 };
}

describe("TokenMeter", () => {
  beforeEach(() => open());

  it("holds, then books what was used", async () => {
    const { reservationId, maxOutputTokens, standing: at } = await granted();
    expect({ maxOutputTokens, ...at }).toMatchObject({ maxOutputTokens: 1_000, settled: 0, reserved: 1_375 });
    expect(await settle(reservationId, usage(300, 20))).toBe(true);
    expect(await standing()).toEqual({ settled: 320, reserved: 0 });
  });

  it("settles at most once, and nothing that it does not know", async () => {
    const { reservationId } = await granted();
    const settled = await Promise.all(Array.from({ length: 20 }, () => settle(reservationId, usage(300, 20))));
    expect(settled.filter(Boolean)).toHaveLength(1);
    expect(await settle("never-made", usage(1, 1))).toBe(false);
    expect(await standing()).toEqual({ settled: 320, reserved: 0 });
  });

  it("books nothing for a request that the provider did not serve", async () => {
    const { reservationId } = await granted();
    await settle(reservationId, null);
    expect(await standing()).toEqual({ settled: 0, reserved: 0 });
    await runDurableObjectAlarm(stub);
    expect(ledger.events.size).toBe(0);
  });

  it("gives the same request the same reservation", async () => {
    const first = await granted({ requestId: "twice" });
    const second = await granted({ requestId: "twice" });
    expect(second.reservationId).toBe(first.reservationId);
    expect(second.standing.reserved).toBe(first.standing.reserved);
  });

  it("keeps every counter over an eviction", async () => {
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
      await open({ tokens, limit: 10_000_000, booked });
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
    await open({ limit: 3_000, language: "de", tokens: [sampleToken("a", { onQuotaExceeded: "message" })] });
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
    await open({ limit: 600 });
    expect(await reserve()).toMatchObject({ reason: "quota_exceeded" });
    ledger.snapshot = sampleSnapshot({ limit: 100_000 });
    await stub.sync("c");
    expect((await granted()).standing.limit).toBe(100_000);
  });

  it("stops new requests when one used more than was held for it", async () => {
    await open({ limit: 10_000 });
    const { reservationId } = await granted();
    await settle(reservationId, usage(9_900, 5_000));
    expect(await reserve()).toMatchObject({ reason: "quota_exceeded" });
  });

  it("starts from what the ledger holds where it has no rows of its own", async () => {
    const { period } = sampleSnapshot();
    await open({ booked: [{ periodStart: period?.start ?? 0, tokens: 4_321 }] });
    expect(await standing()).toEqual({ settled: 4_321, reserved: 0 });
    await stub.sync("c");
    expect(await standing()).toEqual({ settled: 4_321, reserved: 0 });
  });
});

describe("a period's end", () => {
  it("starts at nothing in the very millisecond, and books late answers to the old one", async () => {
    await open();
    now = Date.parse("2099-04-01T00:00:00Z") - 1;
    const { reservationId } = await granted();
    now++;
    expect(await standing()).toEqual({ settled: 0, reserved: 0 });
    await settle(reservationId, usage(300, 20));
    expect(await standing()).toEqual({ settled: 0, reserved: 0 });
    await runDurableObjectAlarm(stub);
    expect([...ledger.events.values()]).toMatchObject([
      { periodStart: Date.parse("2099-03-01T00:00:00Z"), periodEnd: now, occurredAt: now },
    ]);
  });

  it("needs no database to begin", async () => {
    await open();
    await granted();
    ledger.mode = "down";
    now = Date.parse("2099-05-20T00:00:00Z");
    expect((await granted()).standing).toMatchObject({ settled: 0, resetsAt: Date.parse("2099-06-01T00:00:00Z") });
  });
});

describe("tokens", () => {
  it("asks Postgres once about a hash it does not know, however often it comes", async () => {
    await open();
    await granted();
    const answers = await Promise.all(Array.from({ length: 50 }, () => reserve({ hash: "unknown" })));
    expect(answers).toEqual(answers.map(() => ({ ok: false, reason: "unknown_token" })));
    expect(ledger.loads).toBeLessThanOrEqual(2);
  });

  it("learns of a new token without being told", async () => {
    await open();
    await granted();
    ledger.snapshot = sampleSnapshot({ tokens: [sampleToken("a"), sampleToken("new")] });
    now += 10_000;
    expect((await reserve({ hash: "new" })).ok).toBe(true);
  });

  it("refuses a revoked token from the moment that sync returns", async () => {
    await open();
    await granted();
    ledger.snapshot = sampleSnapshot({ tokens: [] });
    await stub.sync("c");
    expect(await reserve()).toEqual({ ok: false, reason: "unknown_token" });
  });

  it("is not talked back into an older copy by a reading that took longer", async () => {
    await open();
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
    await open();
    ledger.mode = "down";
    expect(await reserve()).toEqual({ ok: false, reason: "unavailable" });
  });

  it("lets 20 at once and 10 a second through, and says exactly when the next may come", async () => {
    await open();
    const burst = await Promise.all(Array.from({ length: 25 }, () => stub.admit({ customerId: "c", hash: "a" })));
    expect(burst.filter((answer) => answer.ok)).toHaveLength(20);
    const refused = burst.find((answer) => !answer.ok);
    expect(refused).toEqual({ ok: false, reason: "rate_limited", retryAfterMs: 100 });
    now += 99;
    expect((await reserve()).ok).toBe(false);
    now += 1;
    expect((await reserve()).ok).toBe(true);
  });

  it("allows eight requests under way", async () => {
    await open();
    const first = await granted();
    for (let i = 0; i < 7; i++) await granted();
    expect(await reserve()).toMatchObject({ ok: false, reason: "too_many_streams" });
    await settle(first.reservationId, null);
    expect((await reserve()).ok).toBe(true);
  });
});

describe("a stream", () => {
  const extend = (reservationId: string, wanted: number) => stub.extend({ reservationId, produced: 0, wanted });

  it("holds one slice at first, and leases what it is given", async () => {
    await open();
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
    await open({ limit: 10_000 });
    const long = await granted({ maxOutput: 9_000, sliced: true });
    const other = await granted({ maxOutput: 3_000 });
    // 10,000 less what the other holds, and less what both prompts may take.
    expect(await extend(long.reservationId, 9_000)).toEqual({ ok: true, leasedTokens: 5_000 });
    await settle(other.reservationId, usage(300, 200));
    expect(await extend(long.reservationId, 9_000)).toEqual({ ok: true, leasedTokens: 9_000 });
  });

  it("is held to a limit that was lowered meanwhile", async () => {
    await open();
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
    await open();
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
    await open();
    const { reservationId } = await granted({ sliced: true });
    ledger.snapshot = sampleSnapshot({ tokens: [sampleToken("a", { status: "retiring", expiresAt: now })] });
    await stub.sync("c");
    expect(await extend(reservationId, 2_000)).toMatchObject({ ok: true });
    const word = stub.watch(reservationId);
    await settle(reservationId, usage(1, 1));
    expect(await word).toBe("over");
  });
});

describe("nine tenths", () => {
  it("are announced once a period, also through an outage", async () => {
    await open({ limit: 1_000 });
    const use = async (tokens: number) => {
      const { reservationId } = await granted({ promptBytes: 10, promptEstimate: 3, maxOutput: 10 });
      await settle(reservationId, usage(tokens, 0));
    };
    await use(899);
    await runDurableObjectAlarm(stub);
    expect(ledger.notices).toEqual([]);
    ledger.mode = "down";
    await use(1);
    await runDurableObjectAlarm(stub);
    ledger.mode = "up";
    await runDurableObjectAlarm(stub);
    await use(50);
    await runDurableObjectAlarm(stub);
    expect(ledger.notices).toMatchObject([{ customerId: "c", limit: 1_000, settled: 900 }]);
    now = Date.parse("2099-04-02T00:00:00Z");
    await use(950);
    await runDurableObjectAlarm(stub);
    expect(ledger.notices).toHaveLength(2);
  });
});

describe("the tally", () => {
  it("tells what is booked, and how much of it is not written yet", async () => {
    await open();
    const start = sampleSnapshot().period?.start ?? 0;
    const { reservationId } = await granted();
    await settle(reservationId, usage(300, 20));
    expect(await stub.tally(start)).toEqual({ settled: 320, unwritten: 320 });
    await runDurableObjectAlarm(stub);
    expect(await stub.tally(start)).toEqual({ settled: 320, unwritten: 0 });
    expect(await stub.tally(0)).toBeNull();
  });
});

describe("the alarm", () => {
  it("resolves a reservation that nobody settled, once, as an estimate", async () => {
    await open();
    const { reservationId } = await granted();
    await evictDurableObject(stub);
    await attach();
    now += RESERVATION_MS;
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(await standing()).toEqual({ settled: 250, reserved: 0 });
    expect([...ledger.events.values()]).toMatchObject([
      { id: reservationId, inputTokens: 250, outputTokens: 0, estimated: true, outcome: "expired" },
    ]);
  });

  it("books the output that the stream had told of", async () => {
    await open();
    const { reservationId } = await granted({ maxOutput: 8_000, sliced: true });
    await stub.extend({ reservationId, produced: 700, wanted: 2_000, inputTokens: 310 });
    now += RESERVATION_MS;
    await runDurableObjectAlarm(stub);
    expect([...ledger.events.values()]).toMatchObject([{ inputTokens: 310, outputTokens: 700, outcome: "expired" }]);
  });

  it("is corrected by the true figures, once, with one more event", async () => {
    await open();
    const { reservationId } = await granted();
    now += RESERVATION_MS;
    await runDurableObjectAlarm(stub);
    const late = await Promise.all([1, 2, 3].map(() => settle(reservationId, usage(180, 20))));
    expect(late.filter(Boolean)).toHaveLength(1);
    expect(await standing()).toEqual({ settled: 200, reserved: 0 });
    await runDurableObjectAlarm(stub);
    const [guess, correction, ...more] = [...ledger.events.values()];
    expect(more).toEqual([]);
    expect(guess).toMatchObject({ inputTokens: 250, outputTokens: 0, outcome: "expired" });
    expect(correction).toMatchObject({ corrects: reservationId, inputTokens: -70, outputTokens: 20 });
    expect(correction).toMatchObject({ outcome: "corrected", estimated: false, periodStart: guess?.periodStart });
  });

  it("is armed as long as anything is open or unwritten, and not after", async () => {
    await open();
    const { reservationId } = await granted();
    const armed = () => runInDurableObject(stub, (_, state) => state.storage.getAlarm());
    expect(await armed()).toBe(START + 60_000);
    await settle(reservationId, usage(1, 1));
    expect(await armed()).toBe(START + 60_000);
    await runDurableObjectAlarm(stub);
    expect(await armed()).toBeNull();
  });

  it("loses nothing while the database is down or its answers are lost", async () => {
    await open();
    const ids: string[] = [];
    for (const mode of ["down", "mute", "down", "up"] as const) {
      for (let i = 0; i < 3; i++) {
        const { reservationId } = await granted();
        await settle(reservationId, usage(10, 1));
        ids.push(reservationId);
      }
      ledger.mode = mode;
      expect(await runDurableObjectAlarm(stub)).toBe(true);
    }
    expect([...ledger.events.keys()].sort()).toEqual(ids.sort());
    expect(await runInDurableObject(stub, (_, state) => state.storage.getAlarm())).toBeNull();
    expect(await standing()).toEqual({ settled: 12 * 11, reserved: 0 });
  });

  it("waits longer and longer for a database that is down", async () => {
    await open();
    const { reservationId } = await granted();
    await settle(reservationId, usage(10, 1));
    ledger.mode = "down";
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      await runDurableObjectAlarm(stub);
      waits.push(((await runInDurableObject(stub, (_, state) => state.storage.getAlarm())) ?? 0) - now);
    }
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000]);
  });
});

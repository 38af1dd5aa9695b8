import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { meters } from "../../testing/objects.ts";
import type { TokenMeter } from "../token-meter.ts";
import { createFakeLedger, type FakeLedger, sampleAsk, sampleSnapshot } from "./testing/fake-ledger.ts";

// Far ahead, so that no alarm fires by itself.
const NOW = Date.parse("2099-03-10T00:00:00Z");
const PERIOD = sampleSnapshot().period?.start ?? 0;

type Meter = DurableObjectStub<TokenMeter>;

let ledger: FakeLedger;

const newMeter = () => attached(meters.newUniqueId());

async function attached(id: DurableObjectId): Promise<Meter> {
  const stub = meters.get(id);
  await runInDurableObject(stub, (meter: TokenMeter) => {
    meter.now = () => NOW;
    meter.ledger = ledger;
  });
  return stub;
}

/** One request, booked. @returns its event's id. */
async function use(meter: Meter): Promise<string> {
  const answer = await meter.reserve(sampleAsk());
  if (!answer.ok) throw new Error(`refused: ${answer.reason}`);
  const { reservationId } = answer;
  const usage = { inputTokens: 300, cachedInputTokens: 0, outputTokens: 20 };
  await meter.settle({ reservationId, usage, outcome: "completed", estimated: false });
  return reservationId;
}

const rowsOf = (meter: Meter): Promise<number> =>
  runInDurableObject(meter, (_, { storage }) => {
    const [row] = storage.sql
      .exec("select (select count(*) from events) + (select count(*) from requests) as n")
      .toArray();
    return Number(row?.n);
  });

const ledgerHas = (...ids: string[]) =>
  vi.waitFor(() => expect([...ledger.events.keys()].sort()).toEqual(ids.sort()), { timeout: 4_000 });

describe("the delivery of usage", () => {
  beforeEach(() => {
    ledger = createFakeLedger(sampleSnapshot());
  });

  it("takes one statement for all meters of an isolate, and leaves no row behind", async () => {
    const all = await Promise.all(Array.from({ length: 20 }, newMeter));
    await ledgerHas(...(await Promise.all(all.map(use))));
    expect(ledger.records).toBe(1);
    for (const meter of all) {
      await vi.waitFor(async () => expect(await rowsOf(meter)).toBe(0), { timeout: 4_000 });
      expect(await meter.tally(PERIOD)).toEqual({ settled: 320, unwritten: 0 });
    }
    expect(ledger.records).toBe(1);
  });

  it("tells in its tally what another object has written for it", async () => {
    const [one, other] = [await newMeter(), await newMeter()];
    const ids = [await use(one), await use(other)];
    expect(await other.tally(PERIOD)).toEqual({ settled: 320, unwritten: 320 });
    await ledgerHas(...ids);
    expect(await other.tally(PERIOD)).toEqual({ settled: 320, unwritten: 0 });
  });

  it("is each meter's own matter where the shared statement failed", async () => {
    const all = await Promise.all(Array.from({ length: 3 }, newMeter));
    for (const meter of all) await meter.sync("c");
    ledger.mode = "down";
    const ids = await Promise.all(all.map(use));
    // The shared one, then each on its own.
    await vi.waitFor(() => expect(ledger.records).toBe(4), { timeout: 4_000 });
    ledger.mode = "up";
    for (const meter of all) await runDurableObjectAlarm(meter);
    await ledgerHas(...ids);
    for (const meter of all) expect(await rowsOf(meter)).toBe(0);
    await ledgerHas(...ids, await use(all[0] as Meter));
  });

  it("needs no word of an object that died with the turn in its hand", async () => {
    const [leader, other] = [await newMeter(), await newMeter()];
    const lost = await use(leader);
    const id = await use(other);
    await runInDurableObject(leader, (_, state) => state.abort()).catch(() => undefined);
    // Nobody writes for it: it sees to that itself.
    await vi.waitFor(() => expect([...ledger.events.keys()]).toContain(id), { timeout: 4_000 });
    const again = await attached(leader.id);
    await runDurableObjectAlarm(again);
    await ledgerHas(lost, id);
    expect(await again.tally(PERIOD)).toEqual({ settled: 320, unwritten: 0 });
  });

  it("counts nothing twice where the object died before it could note what was written", async () => {
    const meter = await newMeter();
    const id = await use(meter);
    await ledgerHas(id);
    await runInDurableObject(meter, (_, state) => state.abort()).catch(() => undefined);
    const again = await attached(meter.id);
    expect(await again.tally(PERIOD)).toEqual({ settled: 320, unwritten: 320 });
    expect(await again.tally(PERIOD, { sure: true })).toEqual({ settled: 320, unwritten: 0 });
    expect(await rowsOf(again)).toBe(0);
    await ledgerHas(id);
  });

  it("goes on over an eviction", async () => {
    const meter = await newMeter();
    const before = await use(meter);
    await evictDurableObject(meter);
    const again = await attached(meter.id);
    await ledgerHas(before, await use(again));
    expect(await again.tally(PERIOD)).toEqual({ settled: 640, unwritten: 0 });
  });
});

/** What the alarm brings to the ledger, and whom it tells. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { openMeter, START, usage } from "../../testing/open-meter.ts";
import { RESERVATION_MS } from "./reserve.ts";
import { sampleSnapshot } from "./testing/fake-ledger.ts";

describe("the alarm", () => {
  it("resolves a reservation that nobody settled, once, as an estimate", async () => {
    const { clock, ledger, stub, attach, granted, standing } = await openMeter();
    const { reservationId } = await granted();
    await evictDurableObject(stub);
    await attach();
    clock.now += RESERVATION_MS;
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(await standing()).toEqual({ settled: 250, reserved: 0 });
    expect([...ledger.events.values()]).toMatchObject([
      { id: reservationId, inputTokens: 250, outputTokens: 0, estimated: true, outcome: "expired" },
    ]);
  });

  it("books the output that the stream had told of", async () => {
    const { clock, ledger, stub, granted } = await openMeter();
    const { reservationId } = await granted({ maxOutput: 8_000, sliced: true });
    await stub.extend({ reservationId, produced: 700, wanted: 2_000, inputTokens: 310 });
    clock.now += RESERVATION_MS;
    await runDurableObjectAlarm(stub);
    expect([...ledger.events.values()]).toMatchObject([{ inputTokens: 310, outputTokens: 700, outcome: "expired" }]);
  });

  it("is corrected by the true figures, once, with one more event", async () => {
    const { clock, ledger, stub, granted, settle, standing } = await openMeter();
    const { reservationId } = await granted();
    clock.now += RESERVATION_MS;
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
    const { stub, granted, settle } = await openMeter();
    const { reservationId } = await granted();
    const armed = () => runInDurableObject(stub, (_, state) => state.storage.getAlarm());
    expect(await armed()).toBe(START + 60_000);
    await settle(reservationId, usage(1, 1));
    expect(await armed()).toBe(START + 60_000);
    await runDurableObjectAlarm(stub);
    expect(await armed()).toBeNull();
  });

  it("loses nothing while the database is down or its answers are lost", async () => {
    const { ledger, stub, granted, settle, standing } = await openMeter();
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
    const { clock, ledger, stub, granted, settle } = await openMeter();
    const { reservationId } = await granted();
    await settle(reservationId, usage(10, 1));
    ledger.mode = "down";
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      await runDurableObjectAlarm(stub);
      waits.push(((await runInDurableObject(stub, (_, state) => state.storage.getAlarm())) ?? 0) - clock.now);
    }
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000]);
  });
});

describe("the tally", () => {
  it("tells what is booked, and how much of it is not written yet", async () => {
    const { stub, granted, settle } = await openMeter();
    const start = sampleSnapshot().period?.start ?? 0;
    const { reservationId } = await granted();
    await settle(reservationId, usage(300, 20));
    expect(await stub.tally(start)).toEqual({ settled: 320, unwritten: 320 });
    await runDurableObjectAlarm(stub);
    expect(await stub.tally(start)).toEqual({ settled: 320, unwritten: 0 });
    expect(await stub.tally(0)).toBeNull();
  });
});

describe("nine tenths", () => {
  it("are announced once a period, also through an outage", async () => {
    const { clock, ledger, stub, granted, settle } = await openMeter({ limit: 1_000 });
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
    clock.now = Date.parse("2099-04-02T00:00:00Z");
    await use(950);
    await runDurableObjectAlarm(stub);
    expect(ledger.notices).toHaveLength(2);
  });
});

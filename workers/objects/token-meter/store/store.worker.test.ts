import { runInDurableObject } from "cloudflare:test";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { UsageEvent } from "../../../contracts/meter.ts";
import { meters } from "../../../testing/objects.ts";
import { usageEvent } from "../../../testing/usage-event.ts";
import { sampleSnapshot, sampleToken } from "../testing/fake-ledger.ts";
import type { Reservation } from "./reservations.ts";
import { type MeterStore, openStore } from "./store.ts";

/** A store on the storage of an object that nobody else uses. */
const withStorage = <T>(act: (storage: DurableObjectStorage) => T): Promise<T> =>
  runInDurableObject(meters.get(meters.newUniqueId()), (_, state) => act(state.storage));

const PERIODS = [
  { start: 1_000, end: 2_000 },
  { start: 2_000, end: 3_000 },
] as const;

const reservation = (id: string, over: Partial<Reservation> = {}): Reservation => ({
  id,
  tokenId: "t",
  boxId: null,
  model: "m",
  period: PERIODS[0],
  maxOutput: 100,
  held: 50,
  risk: 5,
  lease: 20,
  produced: 0,
  promptEstimate: 30,
  expiresAt: 9_000,
  ...over,
});

const event = (id: string, tokens: number, over: Partial<UsageEvent> = {}): UsageEvent =>
  usageEvent({
    id,
    occurredAt: 1_500,
    customerId: "c",
    tokenId: "t",
    periodStart: PERIODS[0].start,
    periodEnd: PERIODS[0].end,
    inputTokens: tokens,
    outputTokens: 0,
    ...over,
  });

/** The state by which requests are decided, and what is still to be delivered. */
const stateOf = (store: MeterStore) => ({
  periods: PERIODS.map((period) => store.period(period)),
  open: [...store.reservations.all()].sort((a, b) => a.id.localeCompare(b.id)),
  buckets: ["t", "u"].map((token) => store.reservations.bucket(token)),
  pending: store.pending(),
  unwritten: PERIODS.map(({ start }) => store.events.unwritten(start)),
});

interface Step {
  at: number;
  pick: number;
  tokens: number;
}

/** Does something with one of the open reservations; nothing where there is none. */
const withOne =
  (act: (store: MeterStore, one: Reservation, step: Step) => void) =>
  (store: MeterStore, step: Step): void => {
    const all = [...store.reservations.all()];
    const one = all[step.pick % Math.max(1, all.length)];
    if (one) act(store, one, step);
  };
const eventOf = ({ id, period }: Reservation, tokens: number): UsageEvent =>
  event(id, tokens, { periodStart: period.start, periodEnd: period.end });
const periodOf = ({ pick }: Step) => PERIODS[pick % 2] ?? PERIODS[0];

/** All that a meter does to its store. */
const OPS = {
  add: (store: MeterStore, step: Step) => {
    const over = { held: step.tokens, period: periodOf(step), tokenId: step.pick % 3 ? "t" : "u" };
    store.reservations.add(reservation(`r${step.at}`, over), step.at);
  },
  book: withOne((store, one, { tokens }) => store.book(eventOf(one, tokens))),
  guess: withOne((store, one, { tokens }) => store.book(eventOf(one, tokens), { guess: true })),
  drop: withOne((store, one) => store.reservations.drop(one)),
  keep: withOne((store, one, { tokens, pick }) => store.reservations.keep({ ...one, held: tokens, produced: pick })),
  admit: (store: MeterStore, { at }: Step) => store.reservations.keepBucket("u", at),
  notice: (store: MeterStore, step: Step) => {
    const { start, end } = periodOf(step);
    store.addNotice({ customerId: "c", periodStart: start, periodEnd: end, at: step.at, limit: 1, settled: 1 });
  },
  write: (store: MeterStore, { pick }: Step) => store.written(store.events.next(pick).upTo),
};

describe("the store", () => {
  it("ends a request with the row of its event alone", async () => {
    await withStorage((storage) => {
      const store = openStore(storage);
      store.period(PERIODS[0], 7);
      store.reservations.add(reservation("a"), 1_600);
      store.book(event("a", 40));
      const again = openStore(storage);
      expect([...again.reservations.all()]).toEqual([]);
      expect(again.settledOf(PERIODS[0].start)).toBe(47);
      expect(again.reservations.bucket("t")).toBe(1_600);
    });
  });

  it("counts an event once, whether it waits for the ledger or has been written", async () => {
    await withStorage((storage) => {
      const store = openStore(storage);
      store.period(PERIODS[0]);
      for (const id of ["a", "b"]) store.book(event(id, 10));
      store.written(store.events.next(1).upTo);
      store.book(event("c", 1));
      expect(openStore(storage).settledOf(PERIODS[0].start)).toBe(21);
      expect(
        openStore(storage)
          .events.next(10)
          .events.map(({ id }) => id),
      ).toEqual(["b", "c"]);
    });
  });

  it("goes on where all events are written", async () => {
    await withStorage((storage) => {
      const store = openStore(storage);
      store.period(PERIODS[0]);
      store.book(event("a", 10));
      store.written(store.events.next(10).upTo);
      const again = openStore(storage);
      again.book(event("b", 5));
      expect(openStore(storage).settledOf(PERIODS[0].start)).toBe(15);
    });
  });

  it("keeps a guess with its event, and drops it with the one that mends it", async () => {
    await withStorage((storage) => {
      const store = openStore(storage);
      store.period(PERIODS[0]);
      store.reservations.add(reservation("a"), 0);
      store.book(event("a", 30), { guess: true });
      expect(openStore(storage).guesses.get("a")).toMatchObject({ inputTokens: 30 });
      store.book(event("x", -10, { corrects: "a" }));
      expect(openStore(storage).guesses.get("a")).toBeUndefined();
      expect(openStore(storage).settledOf(PERIODS[0].start)).toBe(20);
    });
  });

  it("reads a copy of the customer's rows that an earlier release stored", async () => {
    const snapshot = sampleSnapshot({ tokens: [sampleToken("a", { onQuotaExceeded: "message" })] });
    await withStorage((storage) => {
      openStore(storage).keepSnapshot(snapshot);
      storage.sql.exec(`update snapshot set body = replace(body, '"onQuotaExceeded"', '"whenSpent"')`);
      expect(openStore(storage).snapshot()).toEqual(snapshot);
    });
  });

  it("is the same after an eviction at any moment", async () => {
    const step = fc.record({
      op: fc.constantFrom(...(Object.keys(OPS) as (keyof typeof OPS)[])),
      pick: fc.nat(20),
      tokens: fc.nat(1_000),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), (steps) =>
        withStorage((storage) => {
          const store = openStore(storage);
          for (const period of PERIODS) store.period(period);
          for (const [at, { op, pick, tokens }] of steps.entries()) {
            OPS[op](store, { at, pick, tokens });
            expect(stateOf(openStore(storage))).toEqual(stateOf(store));
          }
        }),
      ),
      { numRuns: 60, seed: 20_261_123 },
    );
  });
});

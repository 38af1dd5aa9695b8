import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { UsageEvent } from "../../contracts/meter.ts";
import { type DeliveryEvent, type DeliveryState, isWanted, startDelivery, transition } from "./delivery-transition.ts";
import type { Numbered } from "./store/events.ts";
import { type Fate, type Meter, World } from "./testing/delivery-world.ts";

const entry = (seq: number): Numbered => ({ seq, event: { id: `e${seq}` } as UsageEvent });
const entries = (count: number): Numbered[] => Array.from({ length: count }, (_, i) => entry(i + 1));
const booked = (...fresh: Numbered[]): DeliveryEvent => ({ type: "booked", fresh, notices: 0 });

const EMPTY = { last: 0, waiting: 0, notices: 0 };

/** What all events together lead to. */
function outcome(events: readonly DeliveryEvent[], rows = EMPTY) {
  let state: DeliveryState = startDelivery(rows);
  const effects = events.map((event) => {
    const [next, caused] = transition(state, event);
    state = next;
    return caused;
  });
  return { state, last: effects.at(-1), effects: effects.flat() };
}

describe("the delivery's modes", () => {
  it("give what is booked to the batch writer, and look once it should have answered", () => {
    const { state, last } = outcome([booked(entry(1))]);
    expect(last).toEqual([
      { do: "enqueue", entries: [entry(1)] },
      { do: "wait", until: "answered" },
    ]);
    expect([state.mode, isWanted(state, 1)]).toEqual(["shared", true]);
  });

  it("clear away what the batch writer has written, and are at rest", () => {
    const { state, last } = outcome([booked(entry(1)), { type: "written", seq: 1 }, { type: "timer" }]);
    expect(last).toEqual([{ do: "clear", upTo: 1 }]);
    expect(state).toEqual({ mode: "shared", booked: 1, written: 1, cleared: 1, notices: 0, failures: 0 });
  });

  it("clear many away at once, before the timer", () => {
    const written = entries(64).map(({ seq }): DeliveryEvent => ({ type: "written", seq }));
    const { effects } = outcome([booked(...entries(64)), ...written, booked()]);
    expect(effects.slice(2)).toEqual([{ do: "clear", upTo: 64 }]);
  });

  it("write by themselves what the batch writer does not answer for in time, or returns", () => {
    expect(outcome([booked(entry(1)), { type: "timer" }]).last).toEqual([{ do: "write" }]);
    const returned = outcome([booked(entry(1)), { type: "returned", seq: 1 }]);
    expect([returned.state.mode, isWanted(returned.state, 1)]).toEqual(["own", false]);
  });

  it("take what an earlier life has left for unwritten", () => {
    const { state, effects } = outcome([booked(), { type: "timer" }], { last: 7, waiting: 3, notices: 0 });
    expect(effects).toEqual([{ do: "wait", until: "gathered" }, { do: "write" }]);
    expect(state).toMatchObject({ mode: "writing", booked: 7, written: 4 });
  });

  it("give nothing to the batch writer while anything is written by the object itself", () => {
    const { effects, state } = outcome([
      { type: "flush" },
      booked(entry(1)),
      { type: "ended", ok: true, notices: 0 },
      booked(entry(2)),
    ]);
    expect(effects).toEqual([{ do: "write" }, { do: "wait", until: "gathered" }]);
    expect(state.mode).toBe("own");
  });

  it("write a hundred at once", () => {
    expect(outcome([booked()], { last: 100, waiting: 100, notices: 0 }).last).toEqual([{ do: "wait", until: "now" }]);
  });

  it("leave the next attempt to the alarm when one has failed, and go back to the batch writer after one that has not", () => {
    const failed: DeliveryEvent[] = [booked(entry(1)), { type: "flush" }, { type: "ended", ok: false, notices: 0 }];
    const { state, last } = outcome([...failed, { type: "timer" }, { type: "ended", ok: false, notices: 0 }, booked()]);
    expect([state.mode, state.failures, last]).toEqual(["own", 2, []]);
    const { effects, state: healed } = outcome([
      ...failed,
      { type: "flush" },
      { type: "recorded", upTo: 1 },
      { type: "ended", ok: true, notices: 0 },
      booked(entry(2)),
    ]);
    expect(effects.at(-1)).toEqual({ do: "enqueue", entries: [entry(2)] });
    expect(healed).toMatchObject({ mode: "shared", failures: 0, cleared: 1 });
  });

  it("announce a notice by a writing of the object's own", () => {
    expect(outcome([{ type: "booked", fresh: [], notices: 1 }, { type: "timer" }]).last).toEqual([{ do: "write" }]);
  });

  it("take no event for written because a later one is", () => {
    const { state } = outcome([booked(entry(1), entry(2)), { type: "written", seq: 2 }]);
    expect([state.written, isWanted(state, 1)]).toEqual([0, true]);
  });
});

const fate = fc.constantFrom<Fate>("done", "failed", "lost");
const which = fc.nat(5);
const meter = fc.nat(1);
const anything = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("book" as const), meter }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("sync" as const), meter, which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("send" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("answer" as const), which, fate }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("own" as const), meter, fate }) },
  fc.record({ do: fc.constantFrom("ring" as const, "flush" as const, "clear" as const, "evict" as const), meter }),
);

/** Every event waits on its disk or is in the ledger; nothing else is there; and the object knows when to look again. */
function faultsOf({ meters, ledger }: World): string[] {
  const all = new Set(meters.flatMap(({ booked }) => [...booked]));
  const strange = [...ledger].filter((id) => !all.has(id)).map((id) => `${id} was never booked`);
  return [...strange, ...meters.flatMap(faultsOfOne)];
}

function faultsOfOne({ world, name, rows, booked, life }: Meter): string[] {
  const waiting = new Set([...rows.values()].map(({ event }) => event.id));
  const lost = [...booked].filter((id) => !waiting.has(id) && !world.ledger.has(id)).map((id) => `${id} is lost`);
  const { mode, failures, booked: newest, cleared } = life.state;
  const isAwaited = mode === "own" || newest === cleared || life.timer || mode === "writing" || failures > 0;
  return isAwaited ? lost : [...lost, `${name} does not look again`];
}

/** The database is back, and the alarms ring. */
function heal({ meters }: World): void {
  for (const { life } of meters) {
    for (const type of ["flush", "flush"] as const) {
      life.dispatch({ type });
      while (life.own) life.endOwn("done");
    }
  }
}

describe("whatever happens", () => {
  it("each event is in the ledger once, and none is cleared away before it is known to be there", {
    timeout: 60_000,
  }, () => {
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 80, size: "max" }), (happenings) => {
        const world = new World();
        for (const it of happenings) {
          world.happen(it);
          const faults = faultsOf(world);
          if (faults.length > 0) throw new Error(faults.join());
        }
        heal(world);
        expect([...world.ledger].sort()).toEqual(world.meters.flatMap(({ booked }) => [...booked]).sort());
        for (const { rows, life } of world.meters) expect([rows.size, life.state.mode]).toEqual([0, "shared"]);
      }),
      { numRuns: 500 },
    );
  });
});

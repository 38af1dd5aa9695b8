import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Account, hold, MIN_OUTPUT, promptUpper, remaining, resolve } from "./meter-core.ts";

const account = (over: Partial<Account> = {}): Account => ({ limit: 100_000, settled: 0, reserved: 0, ...over });

describe("hold", () => {
  it("holds half the prompt's bytes and the whole output far from the limit", () => {
    const held = hold(account(), { promptBytes: 1_000, maxOutput: 4_000 });
    expect(held).toMatchObject({ ok: true, held: 4_500, maxOutput: 4_000, account: { reserved: 4_500 } });
  });

  it("holds every byte near the limit", () => {
    expect(promptUpper(account({ settled: 90_000 }), 1_000)).toBe(1_000);
    expect(promptUpper(account({ settled: 88_000, reserved: 1_500 }), 1_000)).toBe(1_000);
  });

  it("gives less output where only that fits", () => {
    const held = hold(account({ settled: 98_000 }), { promptBytes: 1_000, maxOutput: 32_000 });
    expect(held).toMatchObject({ ok: true, held: 2_000, maxOutput: 1_000 });
  });

  it("refuses when not even a short answer fits, and says what is left", () => {
    const held = hold(account({ settled: 98_745 }), { promptBytes: 1_000, maxOutput: 32_000 });
    expect(held).toEqual({ ok: false, remaining: 1_255 });
    expect(hold(account({ settled: 98_744 }), { promptBytes: 1_000, maxOutput: 32_000 })).toMatchObject({
      maxOutput: MIN_OUTPUT,
    });
  });

  it("lets a request through that asks for less than the shortest answer", () => {
    expect(hold(account({ settled: 99_990 }), { promptBytes: 9, maxOutput: 1 }).ok).toBe(true);
    expect(hold(account({ settled: 99_990 }), { promptBytes: 9, maxOutput: 2 }).ok).toBe(false);
  });

  it("refuses everything below a limit that was lowered", () => {
    expect(hold(account({ settled: 200_000 }), { promptBytes: 1, maxOutput: 1 })).toEqual({ ok: false, remaining: 0 });
  });
});

/** A meter in memory: what the Durable Object does with its rows. */
function simulate(limit: number) {
  const open = new Map<number, number>();
  let state = account({ limit });
  let ids = 0;
  let resolved = 0;
  return {
    get state() {
      return state;
    },
    get counts() {
      return { opened: ids, resolved, open: open.size };
    },
    reserve(promptBytes: number, share: number) {
      const maxOutput = 1 + Math.floor(share * 32_767);
      const held = hold(state, { promptBytes, maxOutput });
      if (!held.ok) return;
      state = held.account;
      open.set(ids++, held.held);
    },
    /** Resolves one open reservation at a share (0..1) of what it holds; the same one a second time does nothing. */
    resolve(pick: number, share: number) {
      const id = [...open.keys()][pick % Math.max(1, open.size)];
      const held = id === undefined ? undefined : open.get(id);
      if (id === undefined || held === undefined) return;
      open.delete(id);
      resolved++;
      state = resolve(state, held, Math.floor(held * share));
    },
    resize(to: number) {
      state = { ...state, limit: to };
    },
    openSum: () => [...open.values()].reduce((sum, held) => sum + held, 0),
  };
}

describe("any interleaving", () => {
  const op = (name: "reserve" | "resolve" | "resize", a: number) =>
    fc.record({ op: fc.constant(name), a: fc.nat(a), b: fc.integer({ min: 0, max: 100 }) });
  const step = fc.oneof(
    { weight: 5, arbitrary: op("reserve", 120_000) },
    { weight: 4, arbitrary: op("resolve", 1_000) },
    { weight: 1, arbitrary: op("resize", 2_000_000) },
  );

  it("keeps settled + reserved within the limit, and every reservation is resolved once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_000_000 }), fc.array(step, { maxLength: 500 }), (limit, steps) => {
        const meter = simulate(limit);
        let ceiling = limit;
        for (const { op, a, b } of steps) {
          meter[op](a, b / 100);
          const { settled, reserved } = meter.state;
          // A lowered limit can't take back what was given before; it can only stop what comes after.
          ceiling = op === "resize" ? Math.max(a, settled + reserved) : ceiling;
          expect(settled + reserved).toBeLessThanOrEqual(ceiling);
          expect(reserved).toBe(meter.openSum());
          expect(remaining(meter.state)).toBeGreaterThanOrEqual(0);
        }
        while (meter.counts.open > 0) meter.resolve(0, 1);
        expect(meter.state.reserved).toBe(0);
        expect(meter.counts.resolved).toBe(meter.counts.opened);
      }),
      { numRuns: 200 },
    );
  });

  it("lets exactly those through that fit, of 500 at once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 600 }), (room) => {
        // At the edge each of these holds 700 + 300 tokens.
        const meter = simulate(10_000_000);
        meter.reserve(0, 0);
        const { state } = meter;
        let full: Account = { ...state, settled: state.limit - state.reserved - room * 1_000 };
        let through = 0;
        for (let i = 0; i < 500; i++) {
          const held = hold(full, { promptBytes: 700, maxOutput: 300 });
          if (held.ok) {
            through++;
            full = held.account;
          }
        }
        expect(through).toBe(Math.min(500, room));
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Account, type Ask, extend, heldPrompt, hold, MIN_OUTPUT, remaining, SLICE } from "./meter-core.ts";

const account = (over: Partial<Account> = {}): Account => ({
  limit: 100_000,
  settled: 0,
  reserved: 0,
  risk: 0,
  open: 0,
  ...over,
});
const ask = (over: Partial<Ask> = {}): Ask => ({
  promptBytes: 1_000,
  promptEstimate: 250,
  maxOutput: 4_000,
  sliced: true,
  ...over,
});

/** A reservation's end, as the store books it: what was held is free again, what was used counts. */
const resolve = (it: Account, { held, risk }: { held: number; risk: number }, charged: number): Account => ({
  ...it,
  settled: it.settled + charged,
  reserved: it.reserved - held,
  risk: it.risk - risk,
  open: it.open - 1,
});

describe("hold", () => {
  it("holds the prompt's estimate and a margin, and the first slice of a stream", () => {
    expect(hold(account(), ask())).toMatchObject({
      ok: true,
      held: 375 + SLICE,
      lease: SLICE,
      maxOutput: 4_000,
      account: { reserved: 375 + SLICE, risk: 625, open: 1 },
    });
  });

  it("holds the whole output of what can't be stopped", () => {
    expect(hold(account(), ask({ sliced: false }))).toMatchObject({ held: 4_375, lease: 4_000, maxOutput: 4_000 });
  });

  it("never holds more for a prompt than its bytes", () => {
    expect(heldPrompt({ promptBytes: 10, promptEstimate: 250 })).toBe(10);
  });

  it("lets nobody in beside others whose prompts may still turn out larger", () => {
    const others = account({ settled: 90_000, reserved: 2_000, risk: 6_000, open: 2 });
    expect(hold(others, ask({ promptBytes: 2_000 }))).toEqual({ ok: false, busy: true });
    expect(hold(others, ask({ promptBytes: 1_000 }))).toMatchObject({ ok: true, lease: 1_000 });
  });

  it("leaves the last stretch to one at a time", () => {
    const last = account({ settled: 95_000 });
    const large = ask({ promptBytes: 10_000, promptEstimate: 2_500 });
    const first = hold(last, large);
    expect(first).toMatchObject({ ok: true, held: 3_750 + SLICE, maxOutput: 1_250 });
    if (first.ok) expect(hold(first.account, large)).toEqual({ ok: false, busy: true });
  });

  it("gives less output where only that fits, and refuses less than a short answer", () => {
    const holdAt = (settled: number) => hold(account({ settled }), ask({ maxOutput: 32_000 }));
    expect(holdAt(98_000)).toMatchObject({ ok: true, lease: 1_000, maxOutput: 1_625 });
    expect(holdAt(100_000 - 375 - MIN_OUTPUT)).toMatchObject({ ok: true, lease: MIN_OUTPUT });
    expect(holdAt(100_000 - 375 - MIN_OUTPUT + 1)).toEqual({ ok: false, busy: false });
  });

  it("lets a request through that asks for less than the shortest answer", () => {
    const tiny = (maxOutput: number) =>
      hold(account({ settled: 99_990 }), ask({ promptBytes: 9, promptEstimate: 9, maxOutput }));
    expect(tiny(1).ok).toBe(true);
    expect(tiny(2).ok).toBe(false);
  });

  it("refuses everything below a limit that was lowered", () => {
    expect(hold(account({ settled: 200_000 }), ask({ promptBytes: 1, promptEstimate: 1, maxOutput: 1 }))).toEqual({
      ok: false,
      busy: false,
    });
  });
});

describe("extend", () => {
  it("gives what is wished for, what is left, or nothing", () => {
    expect(extend(account({ reserved: 1_000, open: 2 }), 500)).toBe(500);
    expect(extend(account({ settled: 98_000, reserved: 1_000, risk: 700, open: 2 }), 500)).toBe(300);
    expect(extend(account({ settled: 99_000, reserved: 1_000, open: 2 }), 500)).toBe(0);
    expect(extend(account({ settled: 200_000, open: 1 }), 500)).toBe(0);
    expect(extend(account({ open: 1 }), -5)).toBe(0);
  });

  it("gives the last request its own prompt's margin too", () => {
    expect(extend(account({ settled: 98_000, reserved: 1_000, risk: 700, open: 1 }), 5_000)).toBe(1_000);
  });
});

interface Open {
  held: number;
  risk: number;
  lease: number;
  maxOutput: number;
  promptBytes: number;
}

/** A meter in memory: what the Durable Object does with its rows. */
function simulate(limit: number) {
  const open = new Map<number, Open>();
  let state = account({ limit });
  let ids = 0;
  let resolved = 0;
  const pick = (n: number) => [...open].at(n % Math.max(1, open.size));
  return {
    open,
    state: () => state,
    counts: () => ({ opened: ids, resolved }),
    reserve(a: number, b: number) {
      const promptBytes = a % 120_000;
      const maxOutput = 1 + b * 327;
      const held = hold(state, {
        promptBytes,
        promptEstimate: Math.ceil(promptBytes / 4),
        maxOutput,
        sliced: a % 3 > 0,
      });
      if (!held.ok) return;
      state = held.account;
      open.set(ids++, { ...held, promptBytes });
    },
    extend(a: number, b: number) {
      const [id, it] = pick(a) ?? [];
      if (id === undefined || !it) return;
      const more = extend(state, Math.min(b * 100, it.maxOutput - it.lease));
      state = { ...state, reserved: state.reserved + more };
      open.set(id, { ...it, held: it.held + more, lease: it.lease + more });
    },
    /** Uses a share of the prompt's sound bound (or of what is held) and of the lease. */
    resolve(a: number, b: number, sound: boolean) {
      const [id, it] = pick(a) ?? [];
      if (id === undefined || !it) return 0;
      open.delete(id);
      resolved++;
      const prompt = sound ? it.promptBytes : it.held - it.lease;
      const charged = Math.floor(((prompt + it.lease) * b) / 100);
      state = resolve(state, it, charged);
      return Math.max(0, charged - it.held);
    },
    resize(to: number) {
      state = { ...state, limit: to };
    },
  };
}

const step = fc.record({
  op: fc.oneof(
    { weight: 6, arbitrary: fc.constant("reserve" as const) },
    { weight: 6, arbitrary: fc.constant("extend" as const) },
    { weight: 4, arbitrary: fc.constant("resolve" as const) },
    { weight: 1, arbitrary: fc.constant("resize" as const) },
  ),
  a: fc.nat(2_000_000),
  b: fc.integer({ min: 0, max: 100 }),
});
const limits = fc.integer({ min: 0, max: 2_000_000 });
const steps = fc.array(step, { maxLength: 500 });
/** The same sequences each run: what fails here fails everywhere. */
const seeded = { seed: 20_260_301, numRuns: 200 };

describe("any interleaving", () => {
  it("keeps settled + reserved within the limit, and every reservation is resolved once", () => {
    fc.assert(
      fc.property(limits, steps, (limit, ops) => {
        const meter = simulate(limit);
        let ceiling = limit;
        for (const { op, a, b } of ops) {
          if (op === "resolve") meter.resolve(a, b, false);
          else if (op === "resize") meter.resize(a);
          else meter[op](a, b);
          const { settled, reserved, open } = meter.state();
          // A lowered limit can't take back what was given before; it can only stop what comes after.
          if (op === "resize") ceiling = Math.max(a, settled + reserved);
          expect(settled + reserved).toBeLessThanOrEqual(ceiling);
          expect(reserved).toBe([...meter.open.values()].reduce((sum, it) => sum + it.held, 0));
          expect(open).toBe(meter.open.size);
          for (const it of meter.open.values()) expect(it.lease).toBeLessThanOrEqual(it.maxOutput);
        }
        while (meter.open.size > 0) meter.resolve(0, 100, false);
        expect(meter.state()).toMatchObject({ reserved: 0, risk: 0, open: 0 });
        expect(meter.counts().resolved).toBe(meter.counts().opened);
      }),
      seeded,
    );
  });

  it("passes the limit by one prompt's error at most, however wrong the estimates are", () => {
    fc.assert(
      fc.property(limits, steps, (limit, ops) => {
        const meter = simulate(limit);
        let largest = 0;
        for (const { op, a, b } of ops) {
          if (op === "resize") continue;
          if (op === "resolve") largest = Math.max(largest, meter.resolve(a, b, true));
          else meter[op](a, b);
          expect(meter.state().settled).toBeLessThanOrEqual(limit + largest);
          if (meter.state().settled > limit) expect(remaining(meter.state())).toBe(0);
        }
      }),
      seeded,
    );
  });

  it("lets exactly those through that fit, of 500 at once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 600 }), (room) => {
        // Each of these takes 700 + 300 tokens at most.
        let full = account({ limit: 10_000_000, settled: 10_000_000 - room * 1_000 });
        let through = 0;
        for (let i = 0; i < 500; i++) {
          const held = hold(full, { promptBytes: 700, promptEstimate: 700, maxOutput: 300, sliced: true });
          if (!held.ok) continue;
          through++;
          full = held.account;
        }
        expect(through).toBe(Math.min(500, room));
      }),
      seeded,
    );
  });
});

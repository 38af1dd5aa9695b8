/** Whatever the boxes do: never more than the share on the new image, and in the end all on it or all off it. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { allowed } from "./sequence.ts";
import { type Run, simulate, type World } from "./testing/simulation.ts";
import { boxesOf } from "./testing/situation.ts";

const shares = fc
  .uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 4 })
  .map((some) => [...some.sort((a, b) => a - b), 100]);

const fleet = fc
  .array(fc.record({ first: fc.boolean(), runs: fc.boolean() }), { minLength: 1, maxLength: 60 })
  .map((kinds) => boxesOf(kinds.length, (i) => kinds[i] ?? {}));

const settings = fc.record({
  shares,
  maxConcurrent: fc.integer({ min: 1, max: 20 }),
  soakMs: fc.integer({ min: 0, max: 300_000 }),
});

/** Rarely everything goes wrong, often nothing does. */
const world = fc
  .record({
    bad: fc.oneof(
      fc.constant(new Set<number>()),
      fc.uniqueArray(fc.nat(59)).map((ids) => new Set(ids)),
    ),
    how: fc.constantFrom("unwell" as const, "failed" as const),
    abortAt: fc.option(fc.nat(40), { nil: undefined }),
    newcomerAt: fc.option(fc.nat(60), { nil: undefined }),
    goneAt: fc.option(fc.nat(60), { nil: undefined }),
  })
  .map(({ bad, how, ...rest }): World => ({ outcome: (id) => (bad.has(Number(id.slice(1))) ? how : "well"), ...rest }));

function checkSteps({ steps }: Run, maxConcurrent: number): void {
  for (const { decision, onNew, running, moving, rollout } of steps) {
    expect(moving).toBeLessThanOrEqual(maxConcurrent);
    if (decision.kind === "move" && rollout.status === "running" && rollout.wave < rollout.shares.length - 1)
      expect(onNew).toBeLessThanOrEqual(allowed(rollout.shares[rollout.wave] ?? 0, running));
  }
}

test("a rollout ends, with every box on the new image or every box back on the one before", () => {
  fc.assert(
    fc.property(fleet, settings, world, (boxes, change, around) => {
      const run = simulate(boxes, change, around);
      checkSteps(run, change.maxConcurrent);
      const on = new Set(run.boxes.map(({ onNew }) => onNew));
      expect(on.size).toBeLessThanOrEqual(1);
      if (run.boxes.length > 0) expect(on).toEqual(new Set([run.rollout.status === "succeeded"]));
    }),
    { numRuns: 400 },
  );
});

test("where all is well it succeeds; where every box gets worse it never leaves the canary", () => {
  fc.assert(
    fc.property(fleet, settings, fc.constantFrom("unwell" as const, "failed" as const), (boxes, change, how) => {
      expect(simulate(boxes, change, { outcome: () => "well" }).rollout.status).toBe("succeeded");
      const running = boxes.filter(({ runs }) => runs).length;
      fc.pre(running > 0);
      const bad = simulate(boxes, change, { outcome: () => how });
      expect(bad.rollout).toMatchObject({ status: "rolled_back", wave: 0 });
      const most = Math.max(...bad.steps.map(({ onNew }) => onNew));
      expect(most).toBeLessThanOrEqual(allowed(change.shares[0] ?? 100, running));
    }),
    { numRuns: 200 },
  );
});

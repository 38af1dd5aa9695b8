import { beforeEach, describe, expect, it } from "vitest";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import type { Driver } from "../../drivers/driver.ts";
import { sampleBox } from "../../testing/sample-box.ts";
import { listedBox } from "../../testing/sample-cluster.ts";
import { createKnownBoxes, type KnownBoxes } from "./known-boxes.ts";

const box = sampleBox();
const next = { ...box, generation: box.generation + 1 };
const guard = { signal: new AbortController().signal, check: () => undefined };
let known: KnownBoxes;
/** What a job's writes wait for. */
let writes: PromiseWithResolvers<void>;
let learning: Driver;
beforeEach(() => {
  known = createKnownBoxes();
  writes = Promise.withResolvers();
  learning = known.learnFrom({
    reconcile: () => writes.promise,
    observe: async () => [],
    stop: async () => undefined,
  });
});
const job = (desired: DesiredBox) => learning.reconcile(desired, guard, async () => undefined);
const done = async (desired: DesiredBox) => {
  writes.resolve();
  await job(desired);
};

describe("what a job does", () => {
  it("is unknown while it writes, and known when it has written", async () => {
    known.replace([listedBox(box)], 0);
    expect(known.restingSince(box.box_id)).toBe(0);
    const running = job(next);
    expect(known.get(box.box_id)).toBeUndefined();
    expect(known.restingSince(box.box_id)).toBe(Number.POSITIVE_INFINITY);
    const before = performance.now();
    writes.resolve();
    await running;
    expect(known.get(box.box_id)).toEqual(listedBox(next));
    expect(known.restingSince(box.box_id)).toBeGreaterThanOrEqual(before);
  });

  it("leaves the box unknown where it fails, until the next list", async () => {
    known.replace([listedBox(box)], 0);
    writes.reject(new Error("the cluster is away"));
    await expect(job(next)).rejects.toThrow("away");
    expect(known.get(box.box_id)).toBeUndefined();
    expect(known.restingSince(box.box_id)).toBeLessThan(Number.POSITIVE_INFINITY);
    known.replace([listedBox(next)], performance.now() + 1);
    expect(known.get(box.box_id)).toEqual(listedBox(next));
  });
});

describe("a list", () => {
  it("that was asked for before a job ended says nothing of its box", async () => {
    const askedAt = performance.now();
    await done(next);
    known.replace([listedBox(box)], askedAt);
    expect(known.get(box.box_id)).toEqual(listedBox(next));
    await done({ ...next, status: "destroyed" });
    known.replace([listedBox(next)], askedAt);
    expect(known.get(box.box_id)).toBeUndefined();
  });

  it("that comes while a job writes says nothing of its box", async () => {
    const running = job(next);
    known.replace([listedBox(box)], performance.now());
    expect(known.get(box.box_id)).toBeUndefined();
    writes.resolve();
    await running;
    expect(known.get(box.box_id)).toEqual(listedBox(next));
  });

  it("in which a job goes on that has ended here doesn't make its box busy", async () => {
    await done(next);
    const behind = { busy: true, observed_generation: box.generation };
    known.replace([listedBox(next, behind)], performance.now() + 1);
    expect(known.get(box.box_id)).toEqual(listedBox(next));
  });

  it("in which another job waits makes its box busy", async () => {
    await done(box);
    const waiting = listedBox(next, { busy: true, observed_generation: box.generation });
    known.replace([waiting], performance.now() + 1);
    expect(known.get(box.box_id)).toEqual(waiting);
  });

  it("without a box forgets it", async () => {
    await done(next);
    known.replace([], performance.now() + 1);
    expect(known.get(box.box_id)).toBeUndefined();
    expect(known.restingSince(box.box_id)).toBe(0);
  });
});

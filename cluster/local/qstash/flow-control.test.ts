import { beforeEach, expect, test } from "vitest";
import { type ManualClock, manualClock } from "./clock.ts";
import { createFlowControl, type FlowControl, type FlowKey } from "./flow-control.ts";
import { openStore } from "./store.ts";

let clock: ManualClock;
let flow: FlowControl;

beforeEach(() => {
  clock = manualClock(1_000_000);
  flow = createFlowControl(openStore().table<FlowKey>("flow"), clock);
});

const admitted = (times: number) => Array.from({ length: times }, () => flow.admit("k").admitted);

test("parallelism: the next starts when one has ended", () => {
  flow.configure({ key: "k", parallelism: 2, periodSeconds: 1 });
  expect(admitted(3)).toEqual([true, true, false]);
  flow.release("k");
  expect(admitted(2)).toEqual([true, false]);
});

test("rate: so many per period, however fast they end, and it says when the next period begins", () => {
  flow.configure({ key: "k", rate: 2, periodSeconds: 60 });
  expect(admitted(2)).toEqual([true, true]);
  flow.release("k");
  clock.advance(59_999);
  expect(flow.admit("k")).toEqual({ admitted: false, tryAt: 1_060_000 });
  clock.advance(1);
  expect(admitted(3)).toEqual([true, true, false]);
});

test("both limits hold together", () => {
  flow.configure({ key: "k", rate: 3, parallelism: 1, periodSeconds: 1 });
  expect(admitted(2)).toEqual([true, false]);
  flow.release("k");
  expect(admitted(2)).toEqual([true, false]);
});

test("keys do not share their limits", () => {
  flow.configure({ key: "k", parallelism: 1, periodSeconds: 1 });
  flow.configure({ key: "other", parallelism: 1, periodSeconds: 1 });
  expect(admitted(1)).toEqual([true]);
  expect(flow.admit("other")).toEqual({ admitted: true });
});

test("the newest message's values count, except where they are pinned", () => {
  flow.configure({ key: "k", parallelism: 1, rate: 5, periodSeconds: 1 });
  flow.pin("k", { parallelism: 3 });
  flow.configure({ key: "k", parallelism: 9, rate: 7, periodSeconds: 2 });
  expect(flow.get("k")).toMatchObject({ parallelism: 3, rate: 7, periodSeconds: 2, pinnedParallelism: true });
  flow.unpin("k", { parallelism: true, rate: false });
  flow.configure({ key: "k", parallelism: 9, periodSeconds: 1 });
  expect(flow.get("k")).toMatchObject({ parallelism: 9, rate: undefined, pinnedParallelism: false });
});

test("paused, nothing starts until it is resumed", () => {
  flow.setPaused("k", true);
  expect(flow.admit("k")).toEqual({ admitted: false });
  flow.setPaused("k", false);
  expect(flow.admit("k")).toEqual({ admitted: true });
});

test("resetting the rate begins a new period at once", () => {
  flow.configure({ key: "k", rate: 1, periodSeconds: 60 });
  expect(admitted(2)).toEqual([true, false]);
  clock.advance(5_000);
  flow.resetRate("k");
  expect(flow.usage("k")).toMatchObject({ started: 0, periodStart: 1_005_000 });
  expect(admitted(2)).toEqual([true, false]);
});

test("a time scale shortens the period", () => {
  const fast = createFlowControl(openStore().table<FlowKey>("flow"), clock, 0.001);
  fast.configure({ key: "k", rate: 1, periodSeconds: 60 });
  expect(fast.admit("k").admitted).toBe(true);
  expect(fast.admit("k")).toEqual({ admitted: false, tryAt: 1_000_060 });
});

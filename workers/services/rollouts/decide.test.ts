import { describe, expect, test } from "vitest";
import { decide } from "./decide.ts";
import { boxesOf, NOW, situationOf, someBox, someMove } from "./testing/situation.ts";

const boxIds = (decision: ReturnType<typeof decide>): string[] =>
  decision.kind === "move" || decision.kind === "restore" ? decision.boxIds : [];

describe("the canary", () => {
  test("is one box of a few, the share of many rounded down, and the operators' own and the pool's come first", () => {
    expect(boxIds(decide(situationOf(boxesOf(3))))).toHaveLength(1);
    expect(boxIds(decide(situationOf(boxesOf(59))))).toHaveLength(2);
    const own = boxesOf(40, (i) => ({ first: i === 7 || i === 31 }));
    expect(boxIds(decide(situationOf(own))).sort()).toEqual(["b07", "b31"]);
  });

  test("is the same box however often it is asked, and another one in another rollout", () => {
    const boxes = boxesOf(40);
    const first = boxIds(decide(situationOf(boxes)));
    expect(boxIds(decide(situationOf(boxes.toReversed())))).toEqual(first);
    const others = Array.from({ length: 20 }, (_, i) => boxIds(decide(situationOf(boxes, { id: `rollout-${i}` })))[0]);
    expect(new Set(others).size).toBeGreaterThan(10);
  });

  test("is never one that does not run: that says nothing about an image", () => {
    const boxes = boxesOf(40, (i) => ({ runs: i >= 36 }));
    const chosen = boxIds(decide(situationOf(boxes)));
    expect(chosen).toHaveLength(1);
    expect(["b36", "b37", "b38", "b39"]).toContain(chosen[0]);
  });
});

describe("a wave", () => {
  const moved = (count: number, more = {}) =>
    boxesOf(40, (i) => (i < count ? { onNew: true, move: someMove(more) } : {}));

  test("moves no more at once than was asked for", () => {
    const wave = { wave: 3, maxConcurrent: 4 };
    expect(boxIds(decide(situationOf(moved(10), wave)))).toHaveLength(4);
    const three = moved(10).map((box, i) => (i < 3 ? { ...box, move: someMove({ state: "moving" }) } : box));
    expect(boxIds(decide(situationOf(three, wave)))).toHaveLength(1);
  });

  test("waits for the last box, soaks, and only then lets the next one begin", () => {
    const wave = { shares: [5, 100] };
    expect(decide(situationOf(moved(2, { state: "moving" }), wave))).toMatchObject({ kind: "wait" });
    expect(decide(situationOf(moved(2), wave))).toEqual({ kind: "soak" });
    const soaking = decide(situationOf(moved(2), { ...wave, waveDoneAt: NOW - 599_000 }));
    expect(soaking).toEqual({ kind: "wait", why: "the wave soaks for another 1 s" });
    expect(decide(situationOf(moved(2), { ...wave, waveDoneAt: NOW - 600_000 }))).toEqual({ kind: "next_wave" });
  });

  test("the last one takes what does not run, too, but not what is still being made", () => {
    const boxes = [
      someBox("suspended", { runs: false }),
      someBox("made", { runs: false, movable: false }),
      someBox("young", { older: false }),
    ];
    expect(decide(situationOf(boxes, { wave: 3 }))).toEqual({ kind: "move", boxIds: ["suspended"] });
  });

  test("after the last one the image is the cluster's; younger boxes follow, and then it is over", () => {
    const on = someBox("old", { onNew: true, move: someMove() });
    const young = someBox("young", { older: false });
    const last = { wave: 3, waveDoneAt: NOW - 600_000 };
    expect(decide(situationOf([on, young], last))).toEqual({ kind: "finish" });
    const finishing = { ...last, status: "finishing" as const };
    expect(decide(situationOf([on, young], finishing))).toEqual({ kind: "move", boxIds: ["young"] });
    expect(decide(situationOf([on, { ...young, movable: false }], finishing))).toMatchObject({ kind: "wait" });
    expect(decide(situationOf([on, { ...young, onNew: true }], finishing))).toEqual({
      kind: "end",
      status: "succeeded",
    });
  });
});

describe("going back", () => {
  const back = { status: "rolling_back" as const };
  test("takes the boxes that this rollout moved, whatever became of them, and no other", () => {
    const boxes = [
      someBox("moving", { onNew: true, move: someMove({ state: "moving" }) }),
      someBox("failed", { onNew: true, runs: false, move: someMove({ state: "failed" }) }),
      someBox("before", { onNew: true }),
      someBox("untouched"),
    ];
    expect(boxIds(decide(situationOf(boxes, back))).sort()).toEqual(["failed", "moving"]);
  });

  test("turns round at once what is on its way, then brings back who suffers", () => {
    const boxes = [
      ...boxesOf(9, () => ({ onNew: true, move: someMove() })),
      someBox("ill", { onNew: true, well: false, move: someMove() }),
      someBox("moving", { onNew: true, move: someMove({ state: "moving" }) }),
    ];
    expect(boxIds(decide(situationOf(boxes, { ...back, maxConcurrent: 2 })))).toEqual(["moving", "ill"]);
    expect(boxIds(decide(situationOf(boxes, { ...back, maxConcurrent: 1 })))).toEqual(["moving"]);
  });

  test("ends when the last one has come back, or can't", () => {
    const home = (state: "moving" | "failed" | "settled") => [
      someBox("b", { move: someMove({ restored: true, state }) }),
    ];
    expect(decide(situationOf(home("moving"), back))).toMatchObject({ kind: "wait" });
    expect(decide(situationOf(home("failed"), back))).toEqual({ kind: "end", status: "rolled_back" });
    expect(decide(situationOf(home("settled"), back))).toEqual({ kind: "end", status: "rolled_back" });
  });
});

test("a paused rollout moves nothing, but what is broken goes back", () => {
  const paused = { status: "paused" as const };
  expect(decide(situationOf(boxesOf(40), paused))).toMatchObject({
    kind: "wait",
    why: expect.stringContaining("paused"),
  });
  const broken = boxesOf(40, (i) => (i < 2 ? { onNew: true, well: false, move: someMove() } : {}));
  expect(decide(situationOf(broken, paused))).toMatchObject({ kind: "roll_back" });
});

import { describe, expect, test } from "vitest";
import { reasonToStop, reasonToWait } from "./guard.ts";
import { boxesOf, NOW, situationOf, someMove } from "./testing/situation.ts";

/** 40 boxes, of which `updated` are on the new image; the numbers of unhealthy ones among these and the others. */
const fleet = (updated: number, unwell: number, unwellOthers = 0, move = {}) =>
  boxesOf(40, (i) => {
    if (i < updated) return { onNew: true, well: i >= unwell, reason: "crash loop", move: someMove(move) };
    return { well: i - updated >= unwellOthers };
  });

describe("a rollout stops by itself", () => {
  test("where boxes on the new image are worse off than before and than the others", () => {
    const reason = reasonToStop(situationOf(fleet(10, 1)));
    expect(reason).toBe(
      "1 of 10 boxes on the new image is unhealthy (10 %), against 0 % before the rollout and 0 % of the others now; 5 points more are allowed. The first is b00: crash loop",
    );
    expect(reasonToStop(situationOf(fleet(20, 1)))).toBeUndefined();
    expect(reasonToStop(situationOf(fleet(10, 1), { maxUnhealthyPercent: 10 }))).toBeUndefined();
  });

  test("where more moves fail than may", () => {
    const failed = fleet(10, 0, 0, { state: "failed" });
    expect(reasonToStop(situationOf(failed, { maxFailed: 9 }))).toContain(
      "10 boxes could not be moved to the new image",
    );
    expect(reasonToStop(situationOf(failed, { maxFailed: 10 }))).toBeUndefined();
  });

  test("not for what was wrong before, nor for what is wrong everywhere", () => {
    expect(reasonToStop(situationOf(fleet(10, 3), { unwellBefore: 10 }))).toBeUndefined();
    expect(reasonToStop(situationOf(fleet(10, 3, 10)))).toBeUndefined();
    expect(reasonToStop(situationOf(fleet(10, 10, 0, { wasWell: false })))).toBeUndefined();
    expect(reasonToStop(situationOf(fleet(10, 10, 0, { wasWell: false, state: "failed" })))).toBeUndefined();
  });

  test("also in the last wave, where the one box that is left has a bad day of its own", () => {
    expect(reasonToStop(situationOf(fleet(39, 20, 1)))).toContain("20 of 39 boxes");
  });

  test("not while boxes are still on their way", () => {
    expect(reasonToStop(situationOf(fleet(10, 10, 0, { state: "moving" })))).toBeUndefined();
  });
});

describe("a rollout waits", () => {
  test("while nobody knows how boxes are", () => {
    const situation = situationOf(fleet(2, 0));
    expect(reasonToWait(situation)).toBeUndefined();
    expect(reasonToWait({ ...situation, agentSeenAt: NOW - 121_000 })).toContain("has not reported");
    expect(reasonToWait({ ...situation, agentSeenAt: undefined })).toContain("has not reported");
  });

  test("while boxes on the new image are ill for so short a time that it may pass", () => {
    const ill = fleet(10, 3).map((box) => ({ ...box, passing: !box.well }));
    expect(reasonToStop(situationOf(ill))).toBeUndefined();
    expect(reasonToWait(situationOf(ill))).toContain("may recover");
    expect(reasonToWait(situationOf(ill, { maxUnhealthyPercent: 30 }))).toBeUndefined();
  });

  test("while the boxes that it has not touched fall ill, but not for those that were ill before", () => {
    expect(reasonToWait(situationOf(fleet(2, 0, 4)))).toContain("the image is not the cause");
    expect(reasonToWait(situationOf(fleet(2, 0, 4), { unwellBefore: 4 }))).toBeUndefined();
    expect(reasonToWait(situationOf(fleet(36, 0, 4), { unwellBefore: 4 }))).toBeUndefined();
    expect(reasonToWait(situationOf(fleet(39, 0, 1)))).toBeUndefined();
  });
});

import { describe, expect, it } from "vitest";
import { GROWING_WAITS, mostDeletions, outageFrom } from "./health.ts";

describe("the brake on deletions", () => {
  it.each([
    [0, 5],
    [20, 5],
    [100, 5],
    [119, 5],
    [120, 6],
    [5_000, 250],
  ])("lets of %i boxes at most %i go unasked", (present, most) => {
    expect(mostDeletions(present)).toBe(most);
  });
});

it("takes a tenth of a cluster for an outage, but never a handful of boxes", () => {
  expect([0, 10, 50, 51, 1_000].map(outageFrom)).toEqual([5, 5, 5, 6, 100]);
});

it("restarts with growing waits", () => {
  expect(GROWING_WAITS).toEqual([60_000, 300_000, 900_000, 3_600_000]);
});

import { expect, test } from "vitest";
import { median, percentile } from "./percentile.ts";

test("a median is the middle, or half-way between the two middles", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test("percentiles lie between the samples", () => {
  const samples = Array.from({ length: 101 }, (_, i) => 100 - i);
  expect(percentile(samples, 0.95)).toBe(95);
  expect(percentile([10, 20], 0.95)).toBeCloseTo(19.5);
});

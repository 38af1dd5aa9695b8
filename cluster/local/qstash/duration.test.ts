import { expect, test } from "vitest";
import { parseDuration } from "./duration.ts";

test.each([
  ["50s", 50_000],
  ["1d10h30m", 124_200_000],
  ["6m5s", 365_000],
  ["1.5h", 5_400_000],
  ["350ms", 350],
  ["5000us", 5],
  ["5000µs", 5],
  ["0s", 0],
])("%s", (text, ms) => {
  expect(parseDuration(text)).toBeCloseTo(ms);
});

test.each(["", "5", "s", "5 s", "5w", "-5s", "5s!", "1h-5m"])("%j is no duration", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

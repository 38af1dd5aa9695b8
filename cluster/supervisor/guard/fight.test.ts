import { expect, test } from "vitest";
import { createFight } from "./fight.ts";

test("ten changes within ten seconds are a fight, ten in an hour are not", () => {
  let now = 0;
  const isFight = createFight(() => now);
  const changes = (count: number, everyMs: number) =>
    Array.from({ length: count }, () => {
      now += everyMs;
      return isFight();
    });
  expect(changes(20, 360_000)).not.toContain(true);
  expect(changes(10, 500).indexOf(true)).toBe(8); // the last slow one counts
});

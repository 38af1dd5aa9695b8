import fc from "fast-check";
import { expect, test } from "vitest";
import { DAILY, expendable, WEEKLY } from "./backup-retention.ts";

const HOUR = 3_600_000;
const NOW = new Date("2026-09-30T12:00:00Z");
const ago = (hours: number) => ({ id: `${hours}h`, storedAt: new Date(NOW.getTime() - hours * HOUR) });

test("a year of daily backups leaves the last seven days, and one of each of four weeks", () => {
  const all = Array.from({ length: 365 }, (_, day) => ago(day * 24 + 1));
  const gone = new Set(expendable(all, NOW));
  const kept = all.filter(({ id }) => !gone.has(id)).map(({ id }) => id);
  expect(kept).toEqual([1, 25, 49, 73, 97, 121, 145, 169, 337, 505].map((hours) => `${hours}h`));
});

test("of several of one day the newest stays", () => {
  expect(expendable([ago(1), ago(3), ago(5)], NOW)).toEqual(["3h", "5h"]);
});

test("a box's only backup stays, however old", () => {
  expect(expendable([ago(24 * 400)], NOW)).toEqual([]);
});

test("the newest of all stays, no more than days and weeks are kept, and what went would go again", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: -5, max: 24 * 100 }), { minLength: 1, maxLength: 60 }), (hours) => {
      const all = hours.map(ago);
      const gone = new Set(expendable(all, NOW));
      const kept = all.filter(({ id }) => !gone.has(id));
      expect(gone.has(ago(Math.min(...hours)).id)).toBe(false);
      expect(kept.length).toBeLessThanOrEqual(DAILY + WEEKLY);
      expect(expendable(kept, NOW)).toEqual([]);
    }),
  );
});

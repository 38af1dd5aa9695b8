import { describe, expect, it } from "vitest";
import { nextMonth } from "./next-month.ts";

describe("nextMonth", () => {
  it.each([
    ["2026-11-23T03:04:05.678Z", "2026-12-23T03:04:05.678Z"],
    ["2026-12-31T23:59:59.000Z", "2027-01-31T23:59:59.000Z"],
    ["2027-01-31T12:00:00.000Z", "2027-02-28T12:00:00.000Z"],
    ["2028-01-30T12:00:00.000Z", "2028-02-29T12:00:00.000Z"],
    ["2026-10-31T00:00:00.000Z", "2026-11-30T00:00:00.000Z"],
  ])("%s → %s", (from, to) => {
    expect(nextMonth(new Date(from)).toISOString()).toBe(to);
  });
});

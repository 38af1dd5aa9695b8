import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { periodAt } from "./period.ts";

const at = (iso: string): number => Date.parse(iso);
const DAY = 24 * 3_600_000;

describe("periodAt", () => {
  const period = { start: at("2026-01-31T10:00:00Z"), end: at("2026-02-28T10:00:00Z") };

  it("is the stored period until its last millisecond", () => {
    expect(periodAt({ period, billedByStripe: false }, period.end - 1)).toBe(period);
  });

  it("starts the next one in the very millisecond the stored one ends", () => {
    expect(periodAt({ period, billedByStripe: false }, period.end)).toEqual({
      start: period.end,
      end: at("2026-03-28T10:00:00Z"),
    });
  });

  it("trusts Stripe's next period for three days and no longer", () => {
    expect(periodAt({ period, billedByStripe: true }, period.end + 3 * DAY - 1)?.start).toBe(period.end);
    expect(periodAt({ period, billedByStripe: true }, period.end + 3 * DAY)).toBeNull();
  });

  it("is nothing without a subscription", () => {
    expect(periodAt({ period: null, billedByStripe: false }, period.end)).toBeNull();
  });

  it("covers every moment exactly once", () => {
    const anchors = fc.date({ min: new Date("2024-01-01"), max: new Date("2030-12-31"), noInvalidDate: true });
    fc.assert(
      fc.property(anchors, fc.integer({ min: 0, max: 900 * DAY }), (anchor, later) => {
        const stored = { start: anchor.getTime() - 30 * DAY, end: anchor.getTime() };
        const now = stored.end + later;
        const found = periodAt({ period: stored, billedByStripe: false }, now);
        if (!found) throw new Error("a manual subscription always has a period");
        expect(found.start <= now && now < found.end).toBe(true);
        expect(periodAt({ period: stored, billedByStripe: false }, found.end)?.start).toBe(found.end);
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RATE_LIMIT } from "#schema/domain/tiers.ts";
import { takeOne } from "./rate.ts";

/** The times of the requests that passed. */
function passed(times: readonly number[]): number[] {
  let full = 0;
  return times.filter((now) => {
    const taken = takeOne(full, now);
    if (taken.ok) full = taken.full;
    return taken.ok;
  });
}

describe("takeOne", () => {
  it("lets the burst pass at once and then one every tenth of a second", () => {
    expect(passed(Array.from({ length: 100 }, () => 5_000))).toHaveLength(20);
    expect(passed([...Array.from({ length: 30 }, () => 5_000), 5_099, 5_100, 5_150, 5_200])).toHaveLength(22);
  });

  it("counts down what is left of the burst", () => {
    expect(takeOne(0, 1_000)).toMatchObject({ ok: true, remaining: 19 });
  });

  it("never lets more pass than burst + rate · t in any window", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300), { minLength: 1, maxLength: 200 }), (gaps) => {
        let now = 0;
        const times = passed(gaps.map((gap) => (now += gap > 250 ? gap : gap % 5)));
        for (const [i, from] of times.entries()) {
          for (const [j, to] of times.slice(i).entries()) {
            expect(j + 1).toBeLessThanOrEqual(RATE_LIMIT.burst + ((to - from) / 1_000) * RATE_LIMIT.requestsPerSecond);
          }
        }
      }),
    );
  });

  it("tells exactly when the next one passes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_901, max: 1_000_000 }), (ahead) => {
        const refused = takeOne(10_000 + ahead, 10_000);
        if (refused.ok) throw new Error("expected a refusal");
        expect(takeOne(10_000 + ahead, 10_000 + refused.retryAfterMs).ok).toBe(true);
        expect(takeOne(10_000 + ahead, 10_000 + refused.retryAfterMs - 1).ok).toBe(false);
      }),
    );
  });
});

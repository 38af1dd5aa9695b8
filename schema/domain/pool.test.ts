import { describe, expect, it } from "vitest";
import { hitRate, outdatedAtOnce, poolCost } from "./pool.ts";
import { TIERS } from "./tiers.ts";

describe("the warm pool's arithmetic", () => {
  it("costs what its boxes ask of the cluster", () => {
    expect(poolCost("starter", 3)).toEqual({
      cpu_milli: 750,
      memory_mi: 3 * TIERS.starter.memory.requestMi,
      volume_gi: 6,
    });
    expect(poolCost("team", 0)).toEqual({ cpu_milli: 0, memory_mi: 0, volume_gi: 0 });
  });

  it("has a hit rate only where somebody asked", () => {
    expect(hitRate(0, 0)).toBeNull();
    expect(hitRate(3, 1)).toBe(0.75);
    expect(hitRate(0, 4)).toBe(0);
  });

  it("replaces outdated boxes a quarter at a time, and at least one", () => {
    expect([1, 3, 4, 9, 200].map(outdatedAtOnce)).toEqual([1, 1, 1, 2, 50]);
  });
});

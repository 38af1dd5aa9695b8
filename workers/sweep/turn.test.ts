import { describe, expect, it } from "vitest";
import { type Sweep, takeTurns } from "./turn.ts";

const sweepsOf = (least: number[]): Sweep[] =>
  least.map((cost, i) => ({ name: `s${i}`, least: cost, run: async () => undefined }));

/** What each sweep was given in one minute, one turn after another, where it needs so much in all. */
async function shares(sweeps: readonly Sweep[], limit: number, minute: number, need: Record<string, number> = {}) {
  const given: [string, number][] = [];
  const needs = new Map(sweeps.map(({ name }) => [name, need[name] ?? Number.POSITIVE_INFINITY]));
  const take = async ({ name }: Sweep, turn: { left: number; postponed: number }) => {
    given.push([name, turn.left]);
    const needed = needs.get(name) ?? 0;
    const spent = Math.min(needed, turn.left);
    needs.set(name, needed - spent);
    turn.left -= spent;
    turn.postponed = needed > spent ? 1 : 0;
  };
  const passedOver = await takeTurns(sweeps, { limit, minute, take });
  return { given, passedOver: passedOver.map(({ name }) => name) };
}

describe("of a minute's subrequests", () => {
  it("each gets an equal share, or its least where that is more; a tenth is spared", async () => {
    const { given } = await shares(sweepsOf([1, 1, 1]), 100, 0);
    expect(given).toEqual([
      ["s0", 30],
      ["s1", 30],
      ["s2", 30],
    ]);
    const uneven = await shares(sweepsOf([1, 1, 50, 1]), 100, 0);
    expect(uneven.given).toEqual([
      ["s0", 22],
      ["s1", 17],
      ["s2", 50],
      ["s3", 1],
    ]);
  });

  it("those that some don't need go to those who need more", async () => {
    const { given } = await shares(sweepsOf([1, 1, 1]), 100, 0, { s1: 4, s2: 6 });
    expect(given).toEqual([
      ["s0", 30],
      ["s1", 30],
      ["s2", 56],
      ["s0", 50],
    ]);
  });

  it("no more are given than there are; whoever is passed over has its turn within as many minutes as there are sweeps", async () => {
    const sweeps = sweepsOf([21, 8, 10, 20, 4, 30]);
    const had = new Map<string, number>();
    for (let minute = 0; minute < 60; minute++) {
      const { given, passedOver } = await shares(sweeps, 50, minute);
      expect(given.reduce((sum, [, share]) => sum + share, 0)).toBeLessThanOrEqual(45);
      expect(passedOver.length).toBeGreaterThan(0);
      for (const [name] of given) {
        expect(minute - (had.get(name) ?? -1)).toBeLessThanOrEqual(sweeps.length);
        had.set(name, minute);
      }
    }
    expect(had.size).toBe(sweeps.length);
  });

  it("the first share goes to whoever was last the minute before", async () => {
    const sweeps = sweepsOf([30, 30]);
    expect(await shares(sweeps, 50, 0)).toEqual({ given: [["s0", 30]], passedOver: ["s1"] });
    expect(await shares(sweeps, 50, 1)).toEqual({ given: [["s1", 30]], passedOver: ["s0"] });
  });
});

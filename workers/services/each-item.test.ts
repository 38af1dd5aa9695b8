import { beforeEach, expect, it, vi } from "vitest";
import type { SweepTurn } from "../contracts/sweep-turn.ts";
import { eachItem } from "./each-item.ts";

const lines: Record<string, unknown>[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(JSON.parse(line)));
});

const turnOf = (left: number, minute = 0): SweepTurn => ({ sweep: "mendBoxes", minute, failed: 0, postponed: 0, left });
const name = (n: number) => ({ box_id: `b${n}` });

it("gives each its turn; logs and counts those that fail, by their ids", async () => {
  const turn = turnOf(100);
  const done: number[] = [];
  const work = async (n: number) => {
    done.push(n);
    if (n % 2 === 0) throw new TypeError(`number ${n}`);
  };
  await eachItem({ requestId: "r", turn }, { items: [1, 2, 3, 4, 5], cost: 1, name }, work);
  expect(done).toEqual([1, 2, 3, 4, 5]);
  expect(turn.failed).toBe(2);
  const failed = { level: "error", kind: "sweep_failed", sweep: "mendBoxes", request_id: "r", error_name: "TypeError" };
  expect(lines).toMatchObject([
    { ...failed, box_id: "b2" },
    { ...failed, box_id: "b4" },
  ]);
});

it("isolates what throws before it gives a promise, too", async () => {
  const done: string[] = [];
  const work = (name: string): Promise<void> => {
    if (name === "bad") throw new Error("at once");
    done.push(name);
    return Promise.resolve();
  };
  await eachItem({ requestId: "r" }, { items: ["bad", "good"], cost: 1, name: () => ({}) }, work);
  expect(done).toEqual(["good"]);
});

it("leaves to the next minute what its subrequests don't suffice for, and begins there", async () => {
  const done: number[][] = [];
  for (let minute = 0; minute < 5; minute++) {
    const turn = turnOf(7, minute);
    const now: number[] = [];
    await eachItem({ requestId: "r", turn }, { items: [1, 2, 3, 4, 5], cost: 3, name }, async (n) => {
      turn.left -= 3;
      now.push(n);
    });
    expect([turn.postponed, turn.left]).toEqual([3, 1]);
    done.push(now);
  }
  expect(done).toEqual([
    [1, 2],
    [5, 1],
    [4, 5],
    [3, 4],
    [2, 3],
  ]);
});

import { beforeEach, expect, it, vi } from "vitest";
import type { SweepTurn } from "../contracts/sweep-turn.ts";
import { eachItem } from "./each-item.ts";

const lines: Record<string, unknown>[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(JSON.parse(line)));
});

it("gives each its turn; logs and counts those that fail, by their ids", async () => {
  const turn: SweepTurn = { sweep: "mendBoxes", failed: 0 };
  const done: number[] = [];
  const work = async (n: number) => {
    done.push(n);
    if (n % 2 === 0) throw new TypeError(`number ${n}`);
  };
  await eachItem({ requestId: "r", turn }, [1, 2, 3, 4, 5], (n) => ({ box_id: `b${n}` }), work);
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
  await eachItem({ requestId: "r" }, ["bad", "good"], () => ({}), work);
  expect(done).toEqual(["good"]);
});

/** The checker is shown histories that break each promise: one that finds nothing there would prove nothing anywhere. */
import { describe, expect, test } from "vitest";
import { checkHistory, RULES } from "./check-history.ts";
import type { FinalJob, History, Seen } from "./history.ts";

const deed = <K extends "begun" | "wrote" | "ended" | "left">(kind: K, more: object = {}) => {
  const all = { at: 0, agent: "a1", box: "b", fence: 1, generation: 1, status: "active", changed: true, ...more };
  // One event of every kind has the fields of all.
  return { kind, ...all } as unknown as Seen;
};
const killed = (agent: string): Seen => ({ kind: "killed", at: 0, agent });
const job = (more: Partial<FinalJob> = {}): FinalJob => ({
  id: "j",
  box: "b",
  seq: 1,
  type: "provision",
  status: "succeeded",
  generation: 1,
  attempt: 1,
  fence: 1,
  ...more,
});
const grant = (more: object = {}) => ({ at: 0, job: "j", box: "b", fence: 1, attempt: 1, ...more });

/** One job, done as it should be. */
const good: History = {
  accepted: ["j"],
  deeds: [deed("begun"), deed("wrote"), deed("ended")],
  grants: [grant()],
  completions: [{ at: 0, job: "j", fence: 1 }],
  jobs: [job()],
  boxes: [{ id: "b", status: "active", desired: "active", generation: 1, observed: 1 }],
};

/** A killed attempt, done again by another agent: as it should be, too. */
const again: History = {
  ...good,
  deeds: [
    deed("begun"),
    deed("wrote"),
    killed("a1"),
    deed("begun", { agent: "a2", fence: 2 }),
    deed("ended", { agent: "a2", fence: 2 }),
  ],
  grants: [grant(), grant({ fence: 2, attempt: 2 })],
  completions: [{ at: 0, job: "j", fence: 2 }],
  jobs: [job({ fence: 2, attempt: 2 })],
};

const bad: Record<keyof typeof RULES, [string, Partial<History>][]> = {
  "no job is lost": [
    ["its row is not there", { jobs: [], boxes: [] }],
    ["nobody took it", { jobs: [job({ status: "queued", fence: null })] }],
    ["it runs for ever", { jobs: [job({ status: "running" })] }],
  ],
  "no success without its effect": [
    ["nothing was written", { deeds: [] }],
    ["the attempt that wrote was another", { jobs: [job({ fence: 2 })] }],
    ["what was written was older", { jobs: [job({ generation: 2 })] }],
    ["superseded by nothing", { deeds: [], jobs: [job({ status: "superseded", fence: null })] }],
  ],
  "no job is done twice": [
    ["its effect is there twice", { deeds: [...good.deeds, deed("begun", { fence: 2 }), deed("ended", { fence: 2 })] }],
    ["one attempt went to two agents", { grants: [grant(), grant({ fence: 2 })] }],
    ["it succeeded twice", { completions: [...good.completions, { at: 0, job: "j", fence: 2 }] }],
    ["it was granted after its success", { grants: [grant(), grant({ fence: 2, attempt: 2 })] }],
  ],
  "one holder of a box at a time": [
    ["a second begins meanwhile", { deeds: [deed("begun"), deed("begun", { agent: "a2", fence: 2 })] }],
    ["a killed one writes on", { deeds: [deed("begun"), killed("a1"), deed("wrote")] }],
    [
      "an older one ends after a newer began",
      { deeds: [deed("begun"), killed("a1"), deed("begun", { agent: "a2", fence: 2 }), deed("ended")] },
    ],
    ["the kill of another frees nothing", { deeds: [deed("begun"), killed("a2"), deed("begun", { fence: 2 })] }],
  ],
  "a box's fences and generations only rise": [
    ["an older fence", { deeds: [deed("begun", { fence: 2 }), deed("left", { fence: 2 }), deed("begun")] }],
    ["the same fence again", { deeds: [deed("begun"), deed("left"), deed("begun")] }],
    ["an older generation", { deeds: [deed("begun", { generation: 2 }), deed("left"), deed("begun", { fence: 2 })] }],
  ],
  "a box's jobs are begun in order": [
    ["the newer one first", { jobs: [job({ fence: 2 }), job({ id: "k", seq: 2, fence: 1 })] }],
    ["two under one fence", { jobs: [job(), job({ id: "k", seq: 2 })] }],
  ],
  "a destroyed box stays destroyed": [
    [
      "made again",
      {
        deeds: [
          deed("begun", { status: "destroyed" }),
          deed("ended", { status: "destroyed" }),
          deed("begun", { fence: 2 }),
        ],
      },
    ],
  ],
  "a box ends as it was wanted last": [
    ["another status", { boxes: [{ id: "b", status: "updating", desired: "active", generation: 1, observed: 1 }] }],
    ["an older generation", { boxes: [{ id: "b", status: "active", desired: "active", generation: 2, observed: 1 }] }],
    ["only on paper", { deeds: [deed("begun", { generation: 2 }), deed("ended", { generation: 2 })] }],
  ],
};

describe("the checker of histories", () => {
  test("has nothing to say of a good one, nor of a killed attempt that was done again", () => {
    expect([checkHistory(good), checkHistory(again)]).toEqual([[], []]);
  });

  test("knows a bad history for each of its rules", () => {
    expect(Object.keys(bad)).toEqual(Object.keys(RULES));
  });

  const cases = Object.entries(bad).flatMap(([rule, histories]) =>
    histories.map(([what, change]) => [rule, what, change] as const),
  );
  test.each(cases)("%s: %s", (rule, _, change) => {
    expect(checkHistory({ ...good, ...change }).some((found) => found.startsWith(`${rule}: `))).toBe(true);
  });

  test("a box whose job is dead is left to the people who were told", () => {
    const dead = { ...good, completions: [], jobs: [job({ status: "dead" })] };
    expect(
      checkHistory({ ...dead, boxes: [{ id: "b", status: "failed", desired: "active", generation: 1, observed: 0 }] }),
    ).toEqual([]);
  });
});

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "#tests/harness/until.ts";
import { followBox } from "./box-source.ts";
import { exampleBox } from "./testing/example-box.ts";

function follow(onBox: (generation: number) => void, options = { settleMs: 5, pollMs: 20 }) {
  const dir = mkdtempSync(join(tmpdir(), "box-source-"));
  const put = (generation: number | null) =>
    writeFileSync(join(dir, "box.json"), generation === null ? "{" : JSON.stringify(exampleBox({ generation })));
  const problems: string[] = [];
  const begin = () =>
    followBox(dir, { onBox: (box) => onBox(box.generation), onProblem: (problem) => problems.push(problem) }, options);
  return { put, problems, begin };
}

test("the first box is given at once, the same content only once", async () => {
  const seen: number[] = [];
  const { put, begin } = follow((generation) => seen.push(generation));
  put(1);
  const source = begin();
  expect(seen).toEqual([1]);
  put(1);
  put(2);
  await until("the second box", () => seen.length > 1);
  expect(seen).toEqual([1, 2]);
  source.close();
});

test("a problem is told once and forgotten when it is mended", async () => {
  const seen: number[] = [];
  const { put, problems, begin } = follow((generation) => seen.push(generation));
  put(null);
  const source = begin();
  expect(source.problem()).toBe("box.json is not JSON");
  put(2);
  await until("a box", () => seen.length > 0);
  expect(source.problem()).toBeNull();
  expect(problems).toEqual(["box.json is not JSON"]);
  source.close();
});

test("a box that could not be applied is tried again", async () => {
  let tries = 0;
  const { put, problems, begin } = follow(() => {
    tries++;
    if (tries < 3) throw new Error("no space left");
  });
  put(1);
  const source = begin();
  expect(source.problem()).toBe("box.json can't be applied: no space left");
  await until("no problem", () => source.problem() === null);
  expect([tries, problems]).toEqual([3, ["box.json can't be applied: no space left"]]);
  source.close();
});

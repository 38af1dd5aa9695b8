import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BoxConfig, CONFIG_FILE } from "#schema/contracts/box-config.ts";
import { sampleConfig } from "#schema/contracts/testing/sample-config.ts";
import { until } from "#tests/harness/until.ts";
import { followInput } from "./follow-input.ts";

function follow(onBox: (generation: number | null) => void, options = { settleMs: 5, pollMs: 20 }) {
  const dir = mkdtempSync(join(tmpdir(), "box-source-"));
  const put = (generation: number | null) =>
    writeFileSync(join(dir, "box.json"), generation === null ? "{" : JSON.stringify(sampleConfig({ generation })));
  const problems: string[] = [];
  const begin = () =>
    followInput(
      dir,
      CONFIG_FILE,
      BoxConfig,
      { onChange: (box) => onBox(box?.generation ?? null), onProblem: (problem) => problems.push(problem) },
      options,
    );
  return { put, remove: () => rmSync(join(dir, "box.json")), problems, begin };
}

test("the first box is given at once, the same content only once", async () => {
  const seen: (number | null)[] = [];
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
  const seen: (number | null)[] = [];
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

test("a file that goes away is told, and one that comes back is new", async () => {
  const seen: (number | null)[] = [];
  const { put, remove, begin } = follow((generation) => seen.push(generation));
  const source = begin();
  expect(seen).toEqual([]);
  put(1);
  await until("the box", () => seen.length > 0);
  remove();
  await until("its end", () => seen.length > 1);
  put(1);
  await until("the box again", () => seen.length > 2);
  expect(seen).toEqual([1, null, 1]);
  source.close();
});

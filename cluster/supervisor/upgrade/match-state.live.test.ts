/** On real files: what each version of OpenClaw finds when it starts, also where the start before was cut off. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { paths } from "../config.ts";
import { matchState, stepsFor } from "./match-state.ts";
import { keptFolder } from "./state-record.ts";

const [V1, V2, V3] = ["2026.9.6", "2026.10.0", "2026.11.2"];
const newBox = (): string => mkdtempSync(join(tmpdir(), "match-state-"));

/** OpenClaw starts with the state that is there, which it migrates, and remembers something. @returns what it found. */
function run(stateDir: string, version: string, remembers: string): string {
  const folder = paths(stateDir).openclawState;
  mkdirSync(join(folder, "agents"), { recursive: true });
  const file = join(folder, "agents/memory.sqlite");
  const found = existsSync(file) ? readFileSync(file, "utf8") : "";
  writeFileSync(file, `${found}${version}:${remembers};`);
  writeFileSync(join(folder, "gateway.log"), "a line");
  return found;
}

function start(stateDir: string, version: string, remembers = "x"): string {
  expect(matchState(stateDir, version)).toBeNull();
  return run(stateDir, version, remembers);
}

describe("a box", () => {
  test("that goes to a newer version and back has the memory that the older one left", () => {
    const box = newBox();
    start(box, V1, "a");
    start(box, V1, "b");
    expect(start(box, V2, "c")).toBe(`${V1}:a;${V1}:b;`);
    expect(start(box, V1, "d")).toBe(`${V1}:a;${V1}:b;`);
    expect(start(box, V2, "e")).toBe(`${V1}:a;${V1}:b;${V1}:d;`);
  });

  test("keeps what the newer version remembered aside, until it goes forward again", () => {
    const box = newBox();
    start(box, V1, "a");
    start(box, V2, "b");
    start(box, V1);
    expect(readFileSync(join(keptFolder(box), "left/agents/memory.sqlite"), "utf8")).toBe(`${V1}:a;${V2}:b;`);
    start(box, V2);
    expect(readdirSync(keptFolder(box))).toEqual([V1]);
  });

  test("can go back two versions, and keeps no more copies than that", () => {
    const box = newBox();
    for (const version of ["2026.8.1", V1, V2, V3]) start(box, version, "a");
    expect(readdirSync(keptFolder(box)).sort()).toEqual([V2, V1].sort());
    expect(start(box, V1)).toBe(`2026.8.1:a;${V1}:a;`);
    expect(matchState(box, "2026.8.1")?.words).toContain("there is no earlier copy");
  });

  test("that was made by a newer version does not start with an older one, and nothing of it is touched", () => {
    const box = newBox();
    start(box, V2, "a");
    expect(matchState(box, V1)?.words).toMatch(
      /^OpenClaw 2026.10.0 wrote this box's memory, and 2026.9.6 can't read it/,
    );
    expect(start(box, V2)).toBe(`${V2}:a;`);
  });

  test("copies no logs, and takes a damaged record for none", () => {
    const box = newBox();
    start(box, V1);
    start(box, V2);
    expect(readdirSync(join(keptFolder(box), V1))).toEqual(["agents"]);
    writeFileSync(join(box, "config/state.json"), "{");
    expect(matchState(box, V1)).toBeNull();
  });

  test("without room for the copy is told so, and the older version goes on as before", () => {
    const box = newBox();
    start(box, V1, "a");
    const folder = paths(box).openclawState;
    cpSync(join(folder, "agents"), join(folder, "more"), { recursive: true });
    // A sparse file: it looks larger than any disk.
    const handle = join(folder, "huge.sqlite");
    writeFileSync(handle, "");
    truncateSync(handle, 2 ** 43);
    expect(matchState(box, V2)).toEqual({
      code: "volume_full",
      words: expect.stringContaining("its volume has no room for the copy that an upgrade needs"),
    });
    expect(start(box, V1)).toBe(`${V1}:a;`);
  });
});

describe("a start that is cut off after any step", () => {
  /** All files of the volume but the record's own. */
  const memory = (box: string): string => {
    const file = join(paths(box).openclawState, "agents/memory.sqlite");
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  };

  /** A box on `from`; then a start of `to` of which only so many steps are done, and what a start makes first. */
  function cutOff(from: string[], to: string, steps: number): { box: string; whole: boolean } {
    const box = newBox();
    for (const version of from) start(box, version, "a");
    const all = stepsFor(box, to);
    if (typeof all === "string") throw new Error(all);
    for (const step of all.slice(0, steps)) step();
    mkdirSync(paths(box).openclawState, { recursive: true });
    return { box, whole: steps >= all.length };
  }

  test.each([
    ["forward", [V1], V2, `${V1}:a;`],
    ["back", [V1, V2], V1, `${V1}:a;`],
  ])("on the way %s goes on to the same end, and so does one in the other direction", (_, from, to, found) => {
    for (let steps = 0, whole = false; !whole; steps++) {
      const same = cutOff(from, to, steps);
      whole = same.whole;
      expect(matchState(same.box, to)).toBeNull();
      expect(memory(same.box)).toBe(found);

      const other = cutOff(from, to, steps);
      const before = from.at(-1) ?? "";
      expect(matchState(other.box, before)).toBeNull();
      const lost = existsSync(join(keptFolder(other.box), "left"));
      // What is given up for good stands aside; otherwise nothing was changed.
      expect(memory(other.box)).toBe(
        to === V1 && (lost || steps > 1) ? `${V1}:a;` : from.map((v) => `${v}:a;`).join(""),
      );
    }
  });
});

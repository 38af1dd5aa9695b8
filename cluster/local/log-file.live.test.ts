import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openLogFile, withTime } from "./log-file.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "log-file-"));
  file = join(folder, "logs", "edge.log");
});
afterEach(() => rmSync(folder, { recursive: true }));

const lines = (path: string) => readFileSync(path, "utf8").trim().split("\n");

test("lines are kept over restarts, for the owner's eyes only", () => {
  openLogFile(file)("one");
  withTime(openLogFile(file))("two");
  expect(lines(file)).toEqual(["one", expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z two$/)]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("a log never has more than twice its size, and what is left are its last lines", () => {
  const log = openLogFile(file, 1_000);
  for (let n = 1; n <= 2_000; n++) log(`line ${n}`);
  const kept = [...lines(`${file}.1`), ...lines(file)];
  expect(kept).toEqual(kept.map((_, at) => `line ${2_000 - kept.length + 1 + at}`));
  expect(readdirSync(join(folder, "logs")).sort()).toEqual(["edge.log", "edge.log.1"]);
  for (const path of [file, `${file}.1`]) expect(statSync(path).size).toBeLessThan(1_100);
});

test("a log that can't be written ends nothing", () => {
  mkdirSync(file, { recursive: true });
  expect(() => openLogFile(file)("lost")).not.toThrow();
});

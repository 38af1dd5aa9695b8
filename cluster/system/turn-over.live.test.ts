import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { turnOver } from "./turn-over.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "turn-over-"));
  file = join(folder, "some.log");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("the end is put aside in whole lines, and who has the log open goes on with it", () => {
  const fd = openSync(file, "a");
  writeSync(fd, "one\ntwo\nthree\n");
  turnOver(file, 12);
  writeSync(fd, "four\n");
  closeSync(fd);
  expect(readFileSync(`${file}.1`, "utf8")).toBe("two\nthree\n");
  expect(readFileSync(file, "utf8")).toBe("four\n");
});

test("a small log stays, and a missing one is none", () => {
  turnOver(file, 12);
  writeFileSync(file, "one\ntwo\n");
  turnOver(file, 12);
  expect(readdirSync(folder)).toEqual(["some.log"]);
});

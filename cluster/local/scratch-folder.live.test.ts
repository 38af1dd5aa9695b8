import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readPidFile, writePidFile } from "#cluster/system/pid-file.ts";
import { makeScratchFolder } from "./scratch-folder.ts";

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "scratch-folder-"));
});
afterEach(() => rmSync(parent, { recursive: true }));

function folderOf(name: string, owner?: object): string {
  const folder = join(parent, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "content"), "");
  if (owner) writeFileSync(join(folder, "owner.json"), JSON.stringify(owner));
  return folder;
}

test("it is this process's", () => {
  const folder = makeScratchFolder(parent);
  expect(folder.startsWith(join(parent, "openclaw-cloud-run-"))).toBe(true);
  expect(readPidFile(join(folder, "owner.json"))?.pid).toBe(process.pid);
});

test("what a killed process left is removed, also where another has its number now", () => {
  const left = folderOf("openclaw-cloud-run-a", { pid: 2_147_483_647, started: "another/1" });
  const reused = folderOf("openclaw-cloud-run-b", { pid: process.pid, started: "another/1" });
  const unfinished = folderOf("openclaw-cloud-run-c");
  utimesSync(unfinished, 0, 0);
  makeScratchFolder(parent);
  expect([left, reused, unfinished].filter((folder) => existsSync(folder))).toEqual([]);
});

test("what is in use, is being made, or is another's, stays", () => {
  const child = spawn("sleep", ["60"], { stdio: "ignore" });
  const used = folderOf("openclaw-cloud-run-a");
  writePidFile(join(used, "owner.json"), child.pid ?? 0);
  const fresh = folderOf("openclaw-cloud-run-b");
  const other = folderOf("openclaw-cloud-start-c", { pid: 2_147_483_647, started: "another/1" });
  const link = join(parent, "openclaw-cloud-run-d");
  symlinkSync(other, link);
  makeScratchFolder(parent);
  expect([used, fresh, other, join(other, "content"), link].filter((path) => !existsSync(path))).toEqual([]);
  child.kill();
});

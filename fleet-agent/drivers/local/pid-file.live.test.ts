import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { claimFolder } from "./claim-folder.ts";
import { endOrphan, readPidFile, writePidFile } from "./pid-file.ts";
import { startOf } from "./process-identity.ts";

let dir: string;
let file: string;
const started: number[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "pid-file-"));
  file = join(dir, "pid.json");
});
afterEach(() => {
  for (const pid of started.splice(0)) if (startOf(pid)) process.kill(-pid, "SIGKILL");
  rmSync(dir, { recursive: true });
});

/** Something that runs until it is ended, as a leader of its own group. */
function startForeign(script = "setInterval(() => {}, 1000)"): number {
  const child = spawn(process.execPath, ["-e", script], { detached: true, stdio: "ignore" });
  if (child.pid === undefined) throw new Error("nothing was started");
  started.push(child.pid);
  return child.pid;
}

it("knows the very process again, and ends it", async () => {
  const pid = startForeign();
  writePidFile(file, pid);
  expect(readPidFile(file)?.pid).toBe(pid);
  expect(await endOrphan(file)).toBe(true);
  expect(startOf(pid)).toBeUndefined();
  expect(existsSync(file)).toBe(false);
});

it("ends one that does not want to", async () => {
  const pid = startForeign("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)");
  writePidFile(file, pid);
  expect(await endOrphan(file, 100)).toBe(true);
  expect(startOf(pid)).toBeUndefined();
});

it("leaves a process alone that got the number since", async () => {
  const pid = startForeign();
  writePidFile(file, pid);
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), started: "another/1" }));
  expect(readPidFile(file)).toBeUndefined();
  expect(await endOrphan(file)).toBe(false);
  expect(startOf(pid)).toBeDefined();
});

it("takes a broken or missing file for no process", async () => {
  expect(await endOrphan(file)).toBe(false);
  writeFileSync(file, "{");
  expect(await endOrphan(file)).toBe(false);
});

it("lets one agent have a folder, and says who has it", () => {
  writePidFile(join(dir, "agent.json"), startForeign());
  expect(() => claimFolder(dir)).toThrow(`process ${started[0]}`);
});

it("takes a folder over from an agent that died", () => {
  writeFileSync(join(dir, "agent.json"), JSON.stringify({ pid: process.pid, started: "another/1" }));
  const release = claimFolder(dir);
  expect(readPidFile(join(dir, "agent.json"))?.pid).toBe(process.pid);
  release();
  expect(existsSync(join(dir, "agent.json"))).toBe(false);
});

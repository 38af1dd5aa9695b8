import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { claimPidFile, endOrphan, readPidFile, writePidFile } from "./pid-file.ts";
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

it("lets one process have it, and names the one that does", () => {
  expect(claimPidFile(file)).toBeUndefined();
  expect(claimPidFile(file)?.pid).toBe(process.pid);
  const pid = startForeign();
  writePidFile(file, pid);
  expect(claimPidFile(file)?.pid).toBe(pid);
});

it.each(["", '{"pid":2147483647,"started":"another/1"}', `{"pid":${process.pid},"started":"another/1"}`])(
  "is taken over from %j, which names nobody that runs",
  (content) => {
    writeFileSync(file, content);
    expect(claimPidFile(file)).toBeUndefined();
    expect(readPidFile(file)?.pid).toBe(process.pid);
    expect(readdirSync(dir)).toEqual(["pid.json"]);
  },
);

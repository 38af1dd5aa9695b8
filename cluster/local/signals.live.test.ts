import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { afterEach, expect, test } from "vitest";
import { startOf } from "#cluster/system/process-identity.ts";
import { until } from "#tests/harness/until.ts";
import { REPOSITORY } from "./repository.ts";

const started: number[] = [];
const isAlive = (pid: number): boolean => startOf(pid) !== undefined;
afterEach(() => {
  for (const pid of started.splice(0)) if (isAlive(pid)) process.kill(pid, "SIGKILL");
});

const program = (streams: string) => `
  import { endOnSignals } from "./signals.ts";
  endOnSignals(async () => console.log("in order"), ${streams});
  setInterval(() => {}, 1_000);
  console.log(process.pid);`;

async function pidFrom(child: ChildProcess & { stdout: Readable }): Promise<{ pid: number; next(): Promise<string> }> {
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async () => String((await lines.next()).value);
  const pid = Number(await next());
  started.push(pid, child.pid ?? pid);
  return { pid, next };
}

function start(streams: string) {
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", program(streams)], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return { child, ended: once(child, "exit") };
}

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s ends it in order where there is a terminal", async (signal) => {
  const { child, ended } = start("[{}, { isTTY: true }]");
  const { next } = await pidFrom(child);
  child.kill(signal);
  expect(await next()).toBe("in order");
  expect(await ended).toEqual([0, null]);
});

test("SIGHUP ends nothing without one, as after nohup; SIGTERM still does", async () => {
  const { child, ended } = start("undefined");
  const { pid, next } = await pidFrom(child);
  child.kill("SIGHUP");
  child.kill("SIGHUP");
  expect(isAlive(pid)).toBe(true);
  child.kill("SIGTERM");
  expect(await next()).toBe("in order");
  expect(await ended).toEqual([0, null]);
});

test("SIGTERM to npm reaches what `npm start` runs", async () => {
  const { start: script } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8")).scripts;
  const scripts = { start: script.replace("cluster/local/start.ts", "program.ts") };
  const dir = mkdtempSync(join(tmpdir(), "signals-npm-"));
  writeFileSync(join(dir, "package.json"), JSON.stringify({ type: "module", scripts }));
  writeFileSync(join(dir, "program.ts"), program("undefined"));
  copyFileSync(join(import.meta.dirname, "signals.ts"), join(dir, "signals.ts"));
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
  const npm = spawn("npm", ["start", "--silent"], { cwd: dir, env, stdio: ["ignore", "pipe", "inherit"] });
  const { pid } = await pidFrom(npm);
  npm.kill("SIGTERM");
  await until("the program to be gone", () => !isAlive(pid), 10_000);
  rmSync(dir, { recursive: true });
});

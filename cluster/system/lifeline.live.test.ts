import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterEach, expect, test } from "vitest";
import { startOf } from "#cluster/system/process-identity.ts";
import { until } from "#tests/harness/until.ts";
import { sleep } from "./retry.ts";

const started: number[] = [];
const isAlive = (pid: number): boolean => startOf(pid) !== undefined;
afterEach(() => {
  for (const pid of started.splice(0)) if (isAlive(pid)) process.kill(pid, "SIGKILL");
});

/** A program that ties an endless child to itself and prints its pid. */
async function parent(startOfChild = "undefined"): Promise<{ pid: number; childPid: number }> {
  const program = `
    import { spawn } from "node:child_process";
    import { endWithUs } from "./lifeline.ts";
    const child = spawn("sleep", ["600"], { stdio: "ignore", detached: true });
    endWithUs(child, ${startOfChild});
    console.log(child.pid);`;
  const process = spawn(globalThis.process.execPath, ["--input-type=module-typescript", "-e", program], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface(process.stdout), "line");
  const childPid = Number(line);
  started.push(process.pid ?? 0, childPid);
  return { pid: process.pid ?? 0, childPid };
}

test("a killed program takes its child with it", async () => {
  const { pid, childPid } = await parent();
  expect(isAlive(childPid)).toBe(true);
  process.kill(pid, "SIGKILL");
  await until("the child to be gone", async () => !isAlive(childPid), 10_000);
});

test("a process that has the child's number since is left alone", async () => {
  const known = await parent();
  const reused = await parent('"another/1"');
  for (const { pid } of [known, reused]) process.kill(pid, "SIGKILL");
  await until("the child that is known to be gone", async () => !isAlive(known.childPid), 10_000);
  // Both watchers saw the end of their pipe in the same moment.
  await sleep(500);
  expect(isAlive(reused.childPid)).toBe(true);
});

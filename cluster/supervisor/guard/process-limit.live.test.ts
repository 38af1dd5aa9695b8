import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "#tests/harness/until.ts";
import { watchProcesses } from "./process-limit.ts";

/** What /proc shows of so many processes, the first of which is this one. */
function procOf(first: string, count: number): string {
  const proc = mkdtempSync(join(tmpdir(), "proc-"));
  for (let pid = 1; pid <= count; pid += 1) mkdirSync(join(proc, String(pid)));
  mkdirSync(join(proc, "self"));
  writeFileSync(join(proc, "1/comm"), `${first}\n`);
  return proc;
}

test("a container with too many processes is told once, one with many is not", async () => {
  const told: string[] = [];
  const watches = [procOf("tini", 600), procOf("tini", 500)].map((proc) =>
    watchProcesses((why) => told.push(why), proc),
  );
  await until("it to be told", () => told.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  for (const watch of watches) watch.close();
  expect(told).toEqual(["more than 512 processes run in it"]);
});

test("elsewhere the processes are not all this box's", async () => {
  const told: string[] = [];
  const watches = ["systemd", "bash"].map((first) => watchProcesses((why) => told.push(why), procOf(first, 600)));
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  for (const watch of watches) watch.close();
  expect(told).toEqual([]);
});

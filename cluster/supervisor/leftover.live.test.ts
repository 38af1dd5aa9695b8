import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writePidFile } from "#cluster/system/pid-file.ts";
import { endLeftover } from "./leftover.ts";

const WAIT = 'process.stdout.write("up"); setInterval(() => {}, 1000)';

async function sleeper() {
  const pidFile = join(mkdtempSync(join(tmpdir(), "leftover-")), "gateway.pid");
  const child = spawn(process.execPath, ["-e", WAIT], { detached: true });
  await once(child.stdout, "data");
  writePidFile(pidFile, child.pid ?? 0);
  return { child, exited: once(child, "exit"), pidFile };
}

test("the remembered gateway is ended", async () => {
  const { exited, pidFile } = await sleeper();
  endLeftover(pidFile);
  expect(await exited).toEqual([null, "SIGKILL"]);
});

test("a process that merely has its number now is left alone", async () => {
  const { child, exited, pidFile } = await sleeper();
  writeFileSync(pidFile, JSON.stringify({ ...JSON.parse(readFileSync(pidFile, "utf8")), started: "another/1" }));
  endLeftover(pidFile);
  child.kill("SIGTERM");
  expect(await exited).toEqual([null, "SIGTERM"]);
});

test.each(["", "1", "-5", "text"])("a pid file with %j is passed over", (content) => {
  const pidFile = join(mkdtempSync(join(tmpdir(), "leftover-")), "gateway.pid");
  writeFileSync(pidFile, content);
  expect(() => endLeftover(pidFile)).not.toThrow();
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { endLeftover, rememberPid } from "./leftover.ts";

const WAIT = 'process.stdout.write("up"); setInterval(() => {}, 1000)';

async function sleeper(scriptName: string) {
  const dir = mkdtempSync(join(tmpdir(), "leftover-"));
  writeFileSync(join(dir, scriptName), WAIT);
  const child = spawn(process.execPath, [join(dir, scriptName)], { detached: true });
  await once(child.stdout, "data");
  return { child, exited: once(child, "exit"), pidFile: join(dir, "gateway.pid") };
}

test("the remembered gateway is ended", async () => {
  const { child, exited, pidFile } = await sleeper("openclaw.mjs");
  rememberPid(pidFile, child.pid ?? 0);
  endLeftover(pidFile);
  expect(await exited).toEqual([null, "SIGKILL"]);
});

test("a process that merely has its number now is left alone", async () => {
  const { child, exited, pidFile } = await sleeper("somebody-else.mjs");
  rememberPid(pidFile, child.pid ?? 0);
  endLeftover(pidFile);
  child.kill("SIGTERM");
  expect(await exited).toEqual([null, "SIGTERM"]);
});

test.each(["", "1", "-5", "text"])("a pid file with %j is passed over", (content) => {
  const pidFile = join(mkdtempSync(join(tmpdir(), "leftover-")), "gateway.pid");
  writeFileSync(pidFile, content);
  expect(() => endLeftover(pidFile)).not.toThrow();
});

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { sampleConfig } from "#schema/contracts/testing/sample-config.ts";
import { until } from "#tests/harness/until.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

/** The supervisor of a box whose OpenClaw is this program. */
function start(openclaw: string, terminationLog: boolean) {
  const dir = mkdtempSync(join(tmpdir(), "supervisor-main-"));
  const at = (...path: string[]) => join(dir, ...path);
  mkdirSync(at("box"));
  mkdirSync(at("node_modules/openclaw"), { recursive: true });
  writeFileSync(at("box/box.json"), JSON.stringify(sampleConfig()));
  writeFileSync(at("node_modules/openclaw/openclaw.mjs"), openclaw);
  writeFileSync(at("node_modules/openclaw/package.json"), '{ "version": "2026.9.6" }');
  if (terminationLog) writeFileSync(at("termination.log"), "");
  const env = {
    PATH: process.env.PATH,
    BOX_CONFIG_DIR: at("box"),
    STATE_DIR: at("state"),
    OPENCLAW_DIR: dir,
    GATEWAY_PORT: "0",
    HEALTH_PORT: "0",
    BIND_HOST: "127.0.0.1",
    TERMINATION_LOG: at("termination.log"),
  };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      out += chunk;
    });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  return { child, ended, out: () => out, reason: () => readFileSync(at("termination.log"), "utf8") };
}

/** How it ended. */
async function run(openclaw: string, terminationLog: boolean) {
  const { ended, out, reason } = start(openclaw, terminationLog);
  return { code: await ended, out: out(), reason };
}

test("a gateway that refuses its configuration again and again ends the supervisor, which leaves the reason", async () => {
  const { code, out, reason } = await run("process.exit(78)", true);
  expect(code).toBe(1);
  expect(reason()).toBe("config_refused: the gateway keeps exiting: it refused its configuration");
  expect(out).toContain('"event":"given_up"');
  expect(out).not.toContain("secret");
});

test("where nobody asks for the reason, no file is made", async () => {
  const { code, reason } = await run("process.exit(1)", false);
  expect(code).toBe(1);
  expect(reason).toThrow(/ENOENT/);
});

test("no other process of its user gets into it by Node's debugger", async () => {
  const { child, ended, out } = start("setInterval(() => {}, 1_000)", false);
  await until("it to run", () => out().includes('"event":"supervising"'));
  child.kill("SIGUSR1");
  await until("it to refuse", () => out().includes('"event":"debugger_refused"'));
  expect(out()).not.toContain("Debugger listening");
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
});

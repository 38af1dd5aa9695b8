import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { freePort } from "#cluster/system/free-port.ts";
import { listen } from "#cluster/system/listen.ts";
import { sampleConfig } from "#schema/contracts/testing/sample-config.ts";
import { until } from "#tests/harness/until.ts";
import { fakeOpenClaw } from "../../supervisor/testing/fake-openclaw.ts";
import { supervisorLayer } from "./own-programs.ts";

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** The supervisor from its layer alone: no repository, no node_modules beside it. */
async function start(env: Record<string, string>) {
  const { dir } = await supervisorLayer().make(mkdtempSync(join(tmpdir(), "supervisor-layer-")));
  const child = spawn(process.execPath, [join(dir, "main.js")], { env, stdio: ["ignore", "pipe", "inherit"] });
  stops.push(() => child.kill("SIGTERM"));
  const printed = { text: "" };
  child.stdout.on("data", (chunk) => {
    printed.text += chunk;
  });
  return printed;
}

test("the layer is told by its content", () => {
  expect(supervisorLayer().key).toBe(supervisorLayer().key);
  expect(supervisorLayer().key).toMatch(/^[0-9a-f]{64}$/);
});

test("the supervisor says what its environment lacks", async () => {
  const printed = await start({});
  await until("its words", () => printed.text.includes("BOX_CONFIG_DIR is missing"));
});

test("it refuses a box that is not one, in words, and brings up one that is", async () => {
  const dir = mkdtempSync(join(tmpdir(), "supervisor-box-"));
  mkdirSync(join(dir, "box"));
  const put = (box: object) => writeFileSync(join(dir, "box/box.json"), JSON.stringify(box));
  put({ ...sampleConfig(), generation: "SECRET" });
  const printed = await start({
    BOX_CONFIG_DIR: join(dir, "box"),
    STATE_DIR: join(dir, "state"),
    OPENCLAW_DIR: fakeOpenClaw(),
    GATEWAY_PORT: String(await freePort()),
    HEALTH_PORT: "0",
    BIND_HOST: "127.0.0.1",
  });
  await until("the refusal", () => printed.text.includes("box.json: missing or invalid: generation"));
  const telegram = createServer((_, response) => response.end('{"ok":true,"result":{}}'));
  stops.push(() => telegram.close());
  const { port } = await listen(telegram, 0, "127.0.0.1");
  put(sampleConfig({ telegram: { ...sampleConfig().telegram, api_root: `http://127.0.0.1:${port}` } }));
  await until("the box", () => printed.text.includes('"event":"ready"'), 20_000);
  expect(printed.text).not.toContain("SECRET");
});

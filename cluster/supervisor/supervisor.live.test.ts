import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, expect, test } from "vitest";
import { readPidFile } from "#cluster/system/pid-file.ts";
import type { BoxConfig } from "#schema/contracts/box-config.ts";
import { sampleConfig } from "#schema/contracts/testing/sample-config.ts";
import { until } from "#tests/harness/until.ts";
import { paths, type Settings } from "./config.ts";
import { startBox, stopBoxes } from "./testing/start-box.ts";

afterEach(stopBoxes);

async function start(
  first: BoxConfig | string | null,
  env: Record<string, string> = {},
  canaries: Settings["canaries"] = null,
) {
  const write = (configDir: string, box: BoxConfig | string) =>
    writeFileSync(join(configDir, "box.json"), typeof box === "string" ? box : JSON.stringify(box));
  const prepare = (configDir: string) => {
    if (first) write(configDir, first);
  };
  const box = await startBox({ prepare, env: { PATH: process.env.PATH, KIMI_API_KEY: "never", ...env }, canaries });
  const ready = (generation: number) =>
    until(`generation ${generation} ready`, async () => {
      const { status, body } = await box.health();
      return status === 200 && body.generation === generation && body;
    });
  return { ...box, put: (changed: BoxConfig | string) => write(box.configDir, changed), ready };
}

test("a box of the warm pool becomes ready after its first turn, which leaves no trace in the configuration", async () => {
  const box = await start(sampleConfig({ telegram: { ...sampleConfig().telegram, bot_token: "" } }));
  expect(await box.ready(1)).toMatchObject({ ok: true, telegram: "off", warm_up: "done" });
  const { argv, env } = await box.facts();
  expect(argv).toEqual(["gateway", "run"]);
  expect(env).not.toHaveProperty("KIMI_API_KEY");
  expect(env.OPENCLAW_STATE_DIR).toBe(paths(box.stateDir).openclawState);
  expect(JSON.stringify(env)).not.toContain("secret");
  expect(readFileSync(paths(box.stateDir).config, "utf8")).not.toContain("first-turn");
});

test("a box that has its bot takes no first turn unless told to: a person's message is already waiting", async () => {
  expect(await (await start(sampleConfig())).ready(1)).toMatchObject({ ok: true, telegram: "ok", warm_up: "off" });
  expect(await (await start(sampleConfig(), { WARM_UP: "1" })).ready(1)).toMatchObject({
    telegram: "ok",
    warm_up: "done",
  });
});

test("a change reaches the running gateway without a restart; a new bot makes it unready until it is in", async () => {
  const box = await start(sampleConfig(), { WARM_UP: "0" });
  await box.ready(1);
  const { pid } = await box.facts();
  const telegram = { ...sampleConfig().telegram, bot_token: "654321:other" };
  box.put(sampleConfig({ generation: 2, language: "fr", telegram }));
  await box.ready(2);
  expect(await box.facts()).toMatchObject({
    pid,
    config: { channels: { telegram: { accounts: { bot654321: { botToken: "654321:other" } } } } },
  });
  expect(readFileSync(join(paths(box.stateDir).workspace, "AGENTS.md"), "utf8")).toContain("Speak French");
});

test("a gateway is ready once its channel has been answered, not when it serves; each new process anew", async () => {
  const bot_token = "1:slow";
  const box = await start(sampleConfig({ telegram: { ...sampleConfig().telegram, bot_token } }), { WARM_UP: "0" });
  const servesFirst = async () => {
    await until("the gateway to serve", async () => (await box.health("/startupz")).status === 200);
    expect(await box.health()).toMatchObject({ status: 503, body: { reason: "the Telegram channel is changing" } });
    await box.ready(1);
  };
  await servesFirst();
  await box.gateway("/exit").catch(() => undefined);
  await until("the end to be seen", async () => (await box.health("/startupz")).status === 503);
  await servesFirst();
});

test("a broken box.json is told and the last good one stays", async () => {
  const box = await start(sampleConfig(), { WARM_UP: "0" });
  await box.ready(1);
  box.put('{"generation": 2, "gateway_token": "NOT-THIS"');
  const body = await until("the problem to be told", async () => {
    const now = await box.health();
    return now.body.config_problem && now;
  });
  expect(body).toMatchObject({ status: 200, body: { generation: 1, config_problem: "box.json is not JSON" } });
  box.put(sampleConfig({ generation: 3 }));
  expect(await box.ready(3)).toMatchObject({ config_problem: null });
});

test("without a box.json it waits, alive and not started", async () => {
  const box = await start(null, { WARM_UP: "0" });
  expect(await box.health("/healthz")).toMatchObject({ status: 200 });
  expect(await box.health("/startupz")).toMatchObject({
    status: 503,
    body: { reason: "waiting for box.json", generation: null },
  });
  box.put(sampleConfig());
  await box.ready(1);
});

test("nothing of OpenClaw runs, nor is its pid known, before the network policy is in force", async () => {
  const servers = [createServer().listen(0, "127.0.0.1"), createServer().listen(0, "127.0.0.1")];
  await Promise.all(servers.map((server) => once(server, "listening")));
  const [apiServer, edge] = servers.map((server) => (server.address() as AddressInfo).port);
  const proxy = { ...sampleConfig().proxy, base_url: `http://127.0.0.1:${edge}/v1` };
  const canaries = [{ name: "the API server", host: "127.0.0.1", port: apiServer ?? 0 }];
  const box = await start(sampleConfig({ proxy }), { WARM_UP: "0" }, canaries);
  const reason = `the network policy is not in force: the API server (127.0.0.1:${apiServer}) can be reached`;
  await until("the reason", async () => (await box.health("/startupz")).body.reason === reason);
  expect(await box.health("/healthz")).toMatchObject({ status: 200, body: { gateway: "down" } });
  expect(existsSync(paths(box.stateDir).gatewayPid)).toBe(false);
  servers[0]?.close();
  await box.ready(1);
  servers[1]?.close();
});

test("a broken bot is started but not ready", async () => {
  const telegram = { ...sampleConfig().telegram, bot_token: "1:broken" };
  const box = await start(sampleConfig({ telegram }), { WARM_UP: "0" });
  const failing = await until("the channel to fail", async () => {
    const now = await box.health();
    return now.body.telegram === "failing" && now;
  });
  expect(failing).toMatchObject({ status: 503, body: { reason: "not working: telegram" } });
  expect(await box.health("/startupz")).toMatchObject({ status: 200 });
});

test("a gateway that dies is started again", async () => {
  const box = await start(sampleConfig(), { WARM_UP: "0" });
  await box.ready(1);
  await box.gateway("/exit").catch(() => {});
  const down = await until("the gateway to be down", async () => {
    const now = await box.health();
    return now.status === 503 && now;
  });
  expect(down.body).toMatchObject({ gateway: "down", reason: "the gateway is down: exited with 3" });
  expect(await box.ready(1)).toMatchObject({ gateway_restarts: 1 });
});

test("a lease that a dead gateway left is forgotten before the next start too", async () => {
  const box = await start(sampleConfig(), { WARM_UP: "0" });
  await box.ready(1);
  const folder = join(paths(box.stateDir).openclawState, "state");
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, "openclaw.sqlite"));
  database.exec("CREATE TABLE state_leases (owner_pid INTEGER); INSERT INTO state_leases VALUES (8)");
  await box.gateway("/exit").catch(() => {});
  await until("the lease to be gone", () => database.prepare("SELECT 1 FROM state_leases").get() === undefined);
  database.close();
});

test("nothing but the three probes and the status is served, and none of them shows a secret", async () => {
  const box = await start(sampleConfig(), { WARM_UP: "0" });
  await box.ready(1);
  const url = `http://127.0.0.1:${box.supervisor.healthPort}`;
  for (const path of ["/", "/readyz/x", "/box.json"]) expect((await fetch(url + path)).status).toBe(404);
  expect((await fetch(`${url}/readyz`, { method: "POST" })).status).toBe(404);
  for (const path of ["/healthz", "/startupz", "/readyz", "/status"])
    expect(await (await fetch(url + path)).text()).not.toContain("secret");
});

test("the status is an answer where the probe is a refusal", async () => {
  const box = await start(null, { WARM_UP: "0" });
  expect(await box.health("/readyz")).toMatchObject({ status: 503 });
  expect(await box.health("/status")).toMatchObject({
    status: 200,
    body: { ok: false, reason: "waiting for box.json" },
  });
});

test("stop ends the gateway", async () => {
  const box = await start(sampleConfig(), { WARM_UP: "0" });
  await box.ready(1);
  const { pid } = await box.facts();
  await box.supervisor.stop();
  expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
});

test("the gateway's pid is on record for the supervisor that comes after a kill", async () => {
  const box = await start(sampleConfig(), { WARM_UP: "0" });
  await box.ready(1);
  const { pid } = await box.facts();
  expect(readPidFile(paths(box.stateDir).gatewayPid)?.pid).toBe(pid);
});

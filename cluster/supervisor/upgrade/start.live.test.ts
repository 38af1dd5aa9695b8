/** The supervisor with two versions of OpenClaw, one after the other, on one volume. */
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { freePort } from "#cluster/system/free-port.ts";
import { sampleConfig } from "#schema/contracts/testing/sample-config.ts";
import { until } from "#tests/harness/until.ts";
import { paths, readSettings } from "../config.ts";
import { type Supervisor, startSupervisor } from "../supervisor.ts";
import { fakeOpenClaw } from "../testing/fake-openclaw.ts";
import { keptFolder } from "./state-record.ts";

const running: Supervisor[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((supervisor) => supervisor.stop()));
});

function newVolume(): string {
  const dir = mkdtempSync(join(tmpdir(), "supervisor-upgrade-"));
  mkdirSync(join(dir, "box"));
  writeFileSync(join(dir, "box/box.json"), JSON.stringify(sampleConfig()));
  return dir;
}

async function start(dir: string, version: string): Promise<Supervisor> {
  const settings = readSettings({
    BOX_CONFIG_DIR: join(dir, "box"),
    STATE_DIR: join(dir, "state"),
    OPENCLAW_DIR: fakeOpenClaw(version),
    GATEWAY_PORT: String(await freePort()),
    BIND_HOST: "127.0.0.1",
    WARM_UP: "0",
    PATH: process.env.PATH,
  });
  const supervisor = await startSupervisor({
    ...settings,
    telegramCheck: { ask: async () => "accepted" },
    healthPort: 0,
  });
  running.push(supervisor);
  return supervisor;
}

/** Starts it, waits until it serves, and ends it. */
async function startAndStop(dir: string, version: string): Promise<void> {
  const supervisor = await start(dir, version);
  await until(
    `OpenClaw ${version} to serve`,
    async () => (await fetch(`http://127.0.0.1:${supervisor.healthPort}/readyz`)).ok,
  );
  await supervisor.stop();
}

test("a newer version starts after a copy, and the one before with that copy", async () => {
  const dir = newVolume();
  const state = paths(join(dir, "state")).openclawState;
  await startAndStop(dir, "2026.9.6");
  writeFileSync(join(state, "openclaw.sqlite"), "of the older");
  await startAndStop(dir, "2026.10.0");
  expect(readdirSync(keptFolder(join(dir, "state")))).toEqual(["2026.9.6"]);
  writeFileSync(join(state, "openclaw.sqlite"), "of the newer");
  writeFileSync(join(state, "newer.sqlite"), "");
  await startAndStop(dir, "2026.9.6");
  expect(readdirSync(state)).toEqual(["openclaw.sqlite"]);
});

test("an older version than the one that wrote the memory is given up, with the reason, and never runs", async () => {
  const dir = newVolume();
  await startAndStop(dir, "2026.10.0");
  writeFileSync(join(paths(join(dir, "state")).openclawState, "openclaw.sqlite"), "of the newer");
  const supervisor = await start(dir, "2026.9.6");
  expect(await supervisor.givenUp).toEqual({
    code: "state_newer",
    words: expect.stringContaining("OpenClaw 2026.10.0 wrote this box's memory, and 2026.9.6 can't read it"),
  });
  const health = await fetch(`http://127.0.0.1:${supervisor.healthPort}/startupz`);
  expect(await health.json()).toMatchObject({ ok: false, gateway: "down" });
});

/** A whole supervisor with a gateway below it: its memory is copied, put back, and refused. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "#cluster/system/free-port.ts";
import type { BackupManifest, StateOrder } from "#schema/contracts/state-transfer.ts";
import { until } from "#tests/harness/until.ts";
import { readSettings } from "./config.ts";
import type { Health } from "./health.ts";
import { exampleOrder } from "./state/testing/example-order.ts";
import { type FakeEdge, startFakeEdge, TOKEN } from "./state/testing/fake-edge.ts";
import { addTurn, newFolder, turnsIn } from "./state/testing/sample-memory.ts";
import { type Supervisor, startSupervisor } from "./supervisor.ts";
import { exampleBox } from "./testing/example-box.ts";
import { fakeOpenClaw } from "./testing/fake-openclaw.ts";

let edge: FakeEdge;
const running: Supervisor[] = [];
beforeEach(async () => {
  edge = await startFakeEdge();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((supervisor) => supervisor.stop()));
  edge.close();
});

async function start(first?: Partial<StateOrder>) {
  const dir = newFolder();
  const [config, state] = [join(dir, "box"), join(dir, "state")];
  mkdirSync(config);
  const order = (change: Partial<StateOrder>) => {
    writeFileSync(join(dir, "order"), JSON.stringify(exampleOrder({ url: edge.url, token: TOKEN, ...change })));
    renameSync(join(dir, "order"), join(config, "order.json"));
  };
  if (first) order(first);
  writeFileSync(join(config, "box.json"), JSON.stringify(exampleBox()));
  const gatewayPort = await freePort();
  const settings = readSettings({
    BOX_CONFIG_DIR: config,
    STATE_DIR: state,
    OPENCLAW_DIR: fakeOpenClaw(),
    GATEWAY_PORT: String(gatewayPort),
    BIND_HOST: "127.0.0.1",
    PATH: process.env.PATH,
  });
  const supervisor = await startSupervisor({ ...settings, healthPort: 0, canaries: null });
  running.push(supervisor);
  const health = async (check: string) => {
    const response = await fetch(`http://127.0.0.1:${supervisor.healthPort}/${check}`);
    return { status: response.status, ...((await response.json()) as Health) };
  };
  const ready = () => until("the box to be ready", async () => (await health("readyz")).ok, 20_000);
  const pid = async () =>
    ((await (await fetch(`http://127.0.0.1:${gatewayPort}/facts`)).json()) as { pid: number }).pid;
  return { config, state, order, health, ready, pid };
}

const result = (count: number) =>
  until("the result", () => edge.results.length >= count && edge.results[count - 1], 20_000);

async function backedUp(): Promise<{ manifest: BackupManifest; key: string; backup_id: string }> {
  const box = await start();
  await box.ready();
  addTurn(box.state, "state/openclaw.sqlite", "pomegranate").close();
  writeFileSync(join(box.state, "workspace/MEMORY.md"), "pomegranate");
  const before = await box.pid();
  const { key, backup_id } = exampleOrder();
  box.order({ kind: "backup", key, backup_id });
  const stored = await result(1);
  if (stored.outcome !== "stored") throw new Error(JSON.stringify(stored));
  expect([await box.pid(), (await box.health("readyz")).ok]).toEqual([before, true]);
  return { manifest: stored.manifest, key, backup_id };
}

test("a box made for a backup is alive but starts nothing until it has it; then its gateway serves", async () => {
  const from = await backedUp();
  edge.silent = true;
  const box = await start({ kind: "restore", required: true, ...from });
  await until("it to wait", async () => (await box.health("readyz")).reason?.includes("put back from a backup"));
  expect([(await box.health("startupz")).ok, (await box.health("healthz")).ok]).toEqual([true, true]);
  await expect(box.pid()).rejects.toThrow();
  edge.silent = false;
  box.order({ kind: "restore", required: true, fence: 4, ...from });
  expect(await result(2)).toEqual({ outcome: "restored" });
  await box.ready();
  expect(turnsIn(box.state, "state/openclaw.sqlite")).toEqual(["pomegranate"]);
  expect(readFileSync(join(box.state, "workspace/AGENTS.md"), "utf8")).toContain("Speak German");
});

test("a living box goes on until all is there, then has another gateway over the backup's memory", async () => {
  const from = await backedUp();
  const box = await start();
  await box.ready();
  writeFileSync(join(box.state, "workspace/MEMORY.md"), "quince");
  const before = await box.pid();
  box.order({ kind: "restore", ...from });
  expect(await result(2)).toEqual({ outcome: "restored" });
  await box.ready();
  expect(await box.pid()).not.toBe(before);
  expect(readFileSync(join(box.state, "workspace/MEMORY.md"), "utf8")).toBe("pomegranate");
});

test("what is damaged never reaches the gateway, which works on", async () => {
  const from = await backedUp();
  const box = await start();
  await box.ready();
  const before = await box.pid();
  edge.parts.set(0, (edge.parts.get(0) ?? Buffer.alloc(9)).subarray(1));
  box.order({ kind: "restore", ...from });
  expect(await result(2)).toMatchObject({ outcome: "failed", retryable: false });
  expect([await box.pid(), (await box.health("readyz")).ok]).toEqual([before, true]);
});

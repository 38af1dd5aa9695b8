/** A whole supervisor with a gateway below it: its memory is copied, put back, and refused. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { BackupManifest, StateOrder } from "#schema/contracts/state-transfer.ts";
import { sampleConfig } from "#schema/contracts/testing/sample-config.ts";
import { until } from "#tests/harness/until.ts";
import { exampleOrder } from "./state/testing/example-order.ts";
import { type FakeEdge, startFakeEdge, TOKEN } from "./state/testing/fake-edge.ts";
import { addTurn, turnsIn } from "./state/testing/sample-memory.ts";
import { startBox, stopBoxes } from "./testing/start-box.ts";

let edge: FakeEdge;
beforeEach(async () => {
  edge = await startFakeEdge();
});
afterEach(async () => {
  await stopBoxes();
  await edge.close();
});

async function start(first?: Partial<StateOrder>) {
  const write = (configDir: string, change: Partial<StateOrder>) => {
    const written = join(configDir, "..", "order");
    writeFileSync(written, JSON.stringify(exampleOrder({ url: edge.url, token: TOKEN, ...change })));
    renameSync(written, join(configDir, "order.json"));
  };
  const box = await startBox({
    env: { PATH: process.env.PATH },
    prepare(configDir) {
      if (first) write(configDir, first);
      writeFileSync(join(configDir, "box.json"), JSON.stringify(sampleConfig()));
    },
  });
  const says = async (check = "/readyz") => (await box.health(check)).body;
  return {
    state: box.stateDir,
    order: (change: Partial<StateOrder>) => write(box.configDir, change),
    says,
    ready: () => until("the box to be ready", async () => (await says()).ok, 20_000),
    pid: async () => (await box.facts()).pid,
  };
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
  expect([await box.pid(), (await box.says()).ok]).toEqual([before, true]);
  return { manifest: stored.manifest, key, backup_id };
}

test("a box made for a backup is alive but starts nothing until it has it; then its gateway serves", async () => {
  const from = await backedUp();
  edge.silent = true;
  const box = await start({ kind: "restore", required: true, ...from });
  await until("it to wait", async () => (await box.says()).reason?.includes("restored from a backup"));
  expect([(await box.says("/startupz")).ok, (await box.says("/healthz")).ok]).toEqual([true, true]);
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
  expect([await box.pid(), (await box.says()).ok]).toEqual([before, true]);
});

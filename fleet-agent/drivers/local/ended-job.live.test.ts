/** A job that hangs at a step is ended for a newer one: at once, and the newer one finds the box in order. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startOf } from "#cluster/system/process-identity.ts";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import { sampleConfig } from "#schema/contracts/testing/sample-config.ts";
import { until } from "#tests/harness/until.ts";
import { JobStopped, Lease } from "../../lease.ts";
import { createLog } from "../../log.ts";
import { sampleBox } from "../../testing/sample-box.ts";
import type { Driver } from "../driver.ts";
import { openLocalDriver } from "./local-driver.ts";

const SUPERVISOR = fileURLToPath(new URL("../../testing/fake-supervisor/main.ts", import.meta.url));
const AT_ONCE_MS = 1_000;

let root: string;
let driver: Driver;
let fetched: PromiseWithResolvers<string>;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "ended-job-"));
  fetched = Promise.withResolvers();
  driver = await openLocalDriver({
    root,
    command: [process.execPath, SUPERVISOR],
    environment: { PATH: process.env.PATH ?? "" },
    fetchOpenClaw: () => fetched.promise,
    log: createLog("silent"),
    backoffMs: 20,
  });
});
afterEach(async () => {
  await driver.stop();
  rmSync(root, { recursive: true, force: true });
});

const held = () => {
  const lease = new Lease();
  lease.renew(performance.now());
  return lease;
};
const match = (box: DesiredBox, lease = held()) => driver.reconcile(box, lease, async () => undefined);
const saying = (box: DesiredBox, system_prompt: string | null, more: Partial<DesiredBox> = {}): DesiredBox => {
  const fence = more.fence ?? box.fence;
  const config = sampleConfig({ box_id: box.box_id, generation: fence, system_prompt });
  return { ...box, config, ...more };
};
const starts = (box: DesiredBox): number[] => {
  const file = join(root, box.box_id, "state", "starts");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").map(Number) : [];
};
const alive = (pid: number) => startOf(pid) !== undefined;

/** Begins the job, and ends it once `hangs` says that it is at the step. */
async function endedAt(box: DesiredBox, hangs: () => boolean): Promise<void> {
  const lease = held();
  const job = match(box, lease).then(
    () => undefined,
    (error: unknown) => error,
  );
  await until("the job to hang", hangs);
  const since = performance.now();
  lease.stop();
  expect(await job).toBeInstanceOf(JobStopped);
  expect(performance.now() - since).toBeLessThan(AT_ONCE_MS);
}

const destroy = (box: DesiredBox) => match({ ...box, fence: box.fence + 5, status: "destroyed", config: null });

it("while OpenClaw is fetched", async () => {
  const box = sampleBox();
  await endedAt(box, () => true);
  await destroy(box);
  expect(existsSync(join(root, box.box_id))).toBe(false);
  fetched.resolve("/opt/openclaw");
});

it("while the gateway does not become ready", async () => {
  fetched.resolve("/opt/openclaw");
  const box = saying(sampleBox(), "never");
  await endedAt(box, () => starts(box).length === 1);
  const [pid = 0] = starts(box);
  await destroy(box);
  expect(existsSync(join(root, box.box_id))).toBe(false);
  expect(alive(pid)).toBe(false);
});

it("while it exits again and again", async () => {
  fetched.resolve("/opt/openclaw");
  const box = saying(sampleBox(), "crash");
  await endedAt(box, () => starts(box).length > 0);
  await match({ ...box, fence: box.fence + 1, status: "suspended" });
  const before = starts(box).length;
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(starts(box).length).toBe(before);
});

it("while the old process does not stop, and a newer start gets a process of its own", {
  timeout: 30_000,
}, async () => {
  fetched.resolve("/opt/openclaw");
  const box = saying(sampleBox(), "stay");
  await match(box);
  const [old = 0] = starts(box);
  await endedAt(saying(box, "stay", { fence: box.fence + 1, restart_token: "r2" }), () => true);
  expect(alive(old)).toBe(true);
  await match(saying(box, null, { fence: box.fence + 2, restart_token: "r3" }));
  expect(alive(old)).toBe(false);
  expect(starts(box).length).toBe(2);
  expect((await driver.observe())[0]).toMatchObject({ health: "healthy" });
});

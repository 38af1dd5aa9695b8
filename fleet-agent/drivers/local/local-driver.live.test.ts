import { spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writePidFile } from "#cluster/system/pid-file.ts";
import { startOf } from "#cluster/system/process-identity.ts";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import { sampleConfig } from "#schema/contracts/testing/sample-config.ts";
import { until } from "#tests/harness/until.ts";
import { Lease, LeaseLost } from "../../lease.ts";
import { createLog } from "../../log.ts";
import { sampleBox } from "../../testing/sample-box.ts";
import type { Driver } from "../driver.ts";
import { type LocalDriverOptions, openLocalDriver } from "./local-driver.ts";

const SUPERVISOR = fileURLToPath(new URL("../../testing/fake-supervisor/main.ts", import.meta.url));

let root: string;
let driver: Driver | undefined;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "local-driver-"));
});
afterEach(async () => {
  await driver?.stop();
  driver = undefined;
  rmSync(root, { recursive: true, force: true });
});

async function open(more: Partial<LocalDriverOptions> = {}): Promise<Driver> {
  driver = await openLocalDriver({
    root,
    command: [process.execPath, SUPERVISOR],
    environment: { PATH: process.env.PATH ?? "" },
    fetchOpenClaw: async () => "/opt/openclaw",
    log: createLog("silent"),
    backoffMs: 20,
    ...more,
  });
  return driver;
}

const heldLease = () => {
  const lease = new Lease();
  lease.renew(performance.now());
  return lease;
};
const match = async (box: DesiredBox, steps: string[] = []) =>
  driver?.reconcile(box, heldLease(), async (step, message) => void steps.push(`${step}: ${message}`));
const withPrompt = (system_prompt: string | null) => {
  const box = sampleBox();
  return { ...box, config: sampleConfig({ box_id: box.box_id, generation: 3, system_prompt }) };
};

const stateFile = (box: DesiredBox, name: string) => join(root, box.box_id, "state", name);
const starts = (box: DesiredBox): number[] =>
  readFileSync(stateFile(box, "starts"), "utf8").trim().split("\n").map(Number);
const gatewayPid = (box: DesiredBox) => Number(readFileSync(stateFile(box, "gateway.pid"), "utf8"));
const alive = (pid: number | undefined) => pid !== undefined && startOf(pid) !== undefined;
const gone = (what: string, pid: number | undefined) => until(`${what} is gone`, () => !alive(pid));

describe("a box", () => {
  it("is provisioned once, however often it is asked for", async () => {
    await open();
    const box = sampleBox();
    await match(box);
    await match(box);
    expect(starts(box).length).toBe(1);
    expect(await driver?.observe()).toEqual([
      { box_id: box.box_id, health: "healthy", code: null, reason: null, restarts: 0 },
    ]);
  });

  it("gets its configuration in a file that only its owner reads, and none of the agent's environment", async () => {
    await open();
    const box = sampleBox();
    await match(box);
    const file = join(root, box.box_id, "config", "box.json");
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(box.config);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const environment = JSON.parse(readFileSync(stateFile(box, "environment.json"), "utf8"));
    expect(environment).toMatchObject({ OPENCLAW_DIR: "/opt/openclaw", BIND_HOST: "127.0.0.1" });
    expect(Object.keys(environment)).not.toContain("HOME");
    expect(JSON.stringify(environment)).not.toContain("canary");
  });

  it("takes a new configuration without a restart, and restarts when asked to", async () => {
    await open();
    const box = sampleBox();
    await match(box);
    await match({ ...box, fence: 8, config: sampleConfig({ box_id: box.box_id, generation: 3, language: "fr" }) });
    expect(starts(box).length).toBe(1);
    await match({ ...box, fence: 9, restart_token: "r2" });
    expect(starts(box).length).toBe(2);
    expect(alive(starts(box)[0])).toBe(false);
  });

  it("stops when suspended, keeps its memory, and comes back", async () => {
    await open();
    const box = sampleBox();
    await match(box);
    const gateway = gatewayPid(box);
    await match({ ...box, fence: 8, status: "suspended" });
    await gone("the gateway", gateway);
    expect(await driver?.observe()).toEqual([]);
    await match({ ...box, fence: 9 });
    expect(starts(box).length).toBe(2);
  });

  it("leaves nothing when destroyed, also the second time", async () => {
    await open();
    const box = sampleBox();
    await match(box);
    const [supervisor] = starts(box);
    const destroyed: DesiredBox = { ...box, status: "destroyed", config: null };
    await match(destroyed);
    await match(destroyed);
    expect(existsSync(join(root, box.box_id))).toBe(false);
    expect(alive(supervisor)).toBe(false);
  });

  it("is started again when it ends by itself, with all it left behind swept away", async () => {
    await open();
    const box = sampleBox();
    await match(box);
    const [supervisor = 0] = starts(box);
    const gateway = gatewayPid(box);
    process.kill(supervisor, "SIGKILL");
    await until("a second start", () => starts(box).length === 2);
    await gone("the first gateway", gateway);
    await until("health", async () => (await driver?.observe())?.[0]?.health === "healthy");
  });
});

describe("a box's log", () => {
  it("stays small while its process goes on writing", async () => {
    await open({ lookAtLogMs: 20 });
    const box = sampleBox();
    await match(box);
    const file = join(root, box.box_id, "gateway.log");
    appendFileSync(file, "a line of the gateway\n".repeat(600_000));
    await until("the log to be turned over", () => existsSync(`${file}.1`) && statSync(file).size === 0);
    expect(statSync(`${file}.1`).size).toBeLessThanOrEqual(10 * 1024 * 1024);
    expect(starts(box).length).toBe(1);
  });
});

describe("what goes wrong", () => {
  it("is told as a crash loop, with the way to the log", async () => {
    await open();
    const box = withPrompt("crash");
    await expect(match(box)).rejects.toMatchObject({
      failure: { code: "crash_loop", message: expect.stringMatching(/exited with 3.*gateway\.log/) },
    });
    expect((await driver?.observe())?.[0]).toMatchObject({ health: "unhealthy", code: "crash_loop" });
  });

  it("is told in the supervisor's own words where it gave up", async () => {
    await open();
    await expect(match(withPrompt("give up"))).rejects.toMatchObject({
      failure: { code: "crash_loop", message: expect.stringContaining("the gateway keeps exiting") },
    });
  });

  it("is told as a missing OpenClaw, and tried again with the next job", async () => {
    let there = false;
    const fetchOpenClaw = async (onProgress: (line: string) => void) => {
      onProgress("fetching");
      if (!there) throw new Error("The registry can't be reached; do this.");
      return "/opt/openclaw";
    };
    await open({ fetchOpenClaw });
    const box = sampleBox();
    const steps: string[] = [];
    const expected = {
      code: "openclaw_unavailable",
      message: "The registry can't be reached; do this.",
      retryable: true,
    };
    await expect(match(box, steps)).rejects.toMatchObject({ failure: expected });
    expect(steps).toContain("openclaw: fetching");
    there = true;
    await match(box);
    expect(starts(box).length).toBe(1);
  });

  it("ends a wait when the lease is lost", async () => {
    await open();
    const box = withPrompt("never");
    const lease = heldLease();
    const waiting = driver?.reconcile(box, lease, async () => undefined);
    await until("a start", () => existsSync(stateFile(box, "gateway.pid")));
    expect((await driver?.observe())?.[0]).toMatchObject({ health: "unknown" });
    lease.lose("aborted");
    await expect(waiting).rejects.toBeInstanceOf(LeaseLost);
  });

  it("is an older holder, who is refused", async () => {
    await open();
    const box = sampleBox({ fence: 5 });
    await match(box);
    await expect(match({ ...box, fence: 4, status: "suspended" })).rejects.toBeInstanceOf(LeaseLost);
    expect((await driver?.observe())?.[0]).toMatchObject({ health: "healthy" });
  });
});

describe("the agent", () => {
  it("stops its boxes with itself and starts them again", async () => {
    await open();
    const box = sampleBox();
    const sleeping = sampleBox();
    await match(box);
    await match(sleeping);
    await match({ ...sleeping, fence: 8, status: "suspended" });
    await driver?.stop();
    expect(alive(starts(box)[0])).toBe(false);
    await open();
    await until("health", async () => (await driver?.observe())?.[0]?.health === "healthy");
    expect((await driver?.observe())?.map(({ box_id }) => box_id)).toEqual([box.box_id]);
    expect(starts(sleeping).length).toBe(1);
  });

  it("doesn't start a box that a job has suspended while OpenClaw was being fetched", async () => {
    await open();
    const [suspended, other] = [sampleBox(), sampleBox()];
    await match(suspended);
    await match(other);
    await driver?.stop();
    const fetched = Promise.withResolvers<string>();
    await open({ fetchOpenClaw: () => fetched.promise });
    await match({ ...suspended, fence: 8, status: "suspended" });
    fetched.resolve("/opt/openclaw");
    await until("the other's health", async () => (await driver?.observe())?.[0]?.health === "healthy");
    expect((await driver?.observe())?.map(({ box_id }) => box_id)).toEqual([other.box_id]);
  });

  it.each(["", "{", "{}"])("tells of a box whose desired state is %j, until a job writes it anew", async (damaged) => {
    await open();
    const box = sampleBox();
    await match(box);
    await driver?.stop();
    writeFileSync(join(root, box.box_id, "desired.json"), damaged);
    await open();
    expect(await driver?.observe()).toMatchObject([
      { box_id: box.box_id, health: "unhealthy", code: "record_damaged", reason: expect.stringContaining("damaged") },
    ]);
    await match({ ...box, fence: 9, restart_token: "r2" });
    expect(await driver?.observe()).toMatchObject([{ health: "healthy" }]);
  });

  it("tells of boxes that can't be started, as of a pod without its image", async () => {
    await open();
    const box = sampleBox();
    await match(box);
    await driver?.stop();
    await open({ fetchOpenClaw: () => Promise.reject(new Error("The registry can't be reached.")) });
    const seen = await until("the failure", async () => (await driver?.observe())?.[0]);
    expect(seen).toMatchObject({
      health: "unhealthy",
      code: "openclaw_unavailable",
      reason: "The registry can't be reached.",
    });
    await match({ ...box, fence: 8, status: "suspended" });
    expect(await driver?.observe()).toEqual([]);
  });

  it("starts them once OpenClaw can be fetched, without a job", async () => {
    await open();
    const box = sampleBox();
    await match(box);
    await driver?.stop();
    let fetches = 0;
    const fetchOpenClaw = async () => {
      if (++fetches < 3) throw new Error("The registry can't be reached.");
      return "/opt/openclaw";
    };
    await open({ fetchOpenClaw, fetchAgainMs: 20 });
    await until("health", async () => (await driver?.observe())?.[0]?.health === "healthy");
    expect([fetches, (await driver?.observe())?.length]).toEqual([3, 1]);
  });

  it("ends what a killed agent left running before it starts a second one", async () => {
    await open();
    const box = sampleBox();
    await match(box);
    await driver?.stop();
    const orphan = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { detached: true, stdio: "ignore" });
    writePidFile(join(root, box.box_id, "pid.json"), orphan.pid ?? 0);
    expect(alive(orphan.pid)).toBe(true);
    await open();
    expect(alive(orphan.pid)).toBe(false);
    await until("health", async () => (await driver?.observe())?.[0]?.health === "healthy");
  });
});

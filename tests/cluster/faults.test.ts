/** Between the agent and a real API server everything goes wrong that can: the box is there in the end, built once. */
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import type { AgentLane } from "#tests/harness/agent-lane.ts";
import type { BoxObjects } from "#tests/harness/box-objects-of.ts";
import { kubectlByForce } from "#tests/harness/cluster.ts";
import type { Call, Fate } from "#tests/harness/fault-proxy.ts";
import { type Lanes, startLanes } from "#tests/harness/lanes.ts";
import { until } from "#tests/harness/until.ts";

let all: Lanes;
let clean: BoxObjects;

beforeAll(async () => {
  all = await startLanes(inject("bundle"), 4);
  for (const lane of all.lanes) lane.start();
  const { box, job } = await all.provision(laneAt(0));
  await all.cluster.operator.succeeded(job.id);
  clean = await all.objectsOf(box.id);
});
afterAll(() => all.close());

const laneAt = (i: number): AgentLane => {
  const lane = all.lanes[i % all.lanes.length];
  if (!lane) throw new Error("no lane");
  return lane;
};

/**
 * A provision under this fault: its job, as it ended, and all calls to the API server. Its pod starts once something has failed:
 * one that is Ready when it is first asked for is not even watched.
 */
async function provisionUnder(lane: AgentLane, fault: AgentLane["fault"]) {
  const from = lane.kube.calls.length;
  const failed = Promise.withResolvers<void>();
  all.kubelet.after = failed.promise;
  lane.watchFor(undefined, async () => undefined);
  lane.fault = (name, call) => {
    const fate = fault(name, call);
    if (fate !== "pass") failed.resolve();
    return fate;
  };
  const { box, job } = await all.provision(lane);
  const done = await all.cluster.operator.succeeded(job.id, 150_000);
  expect(await all.objectsOf(box.id, clean)).toEqual(clean);
  expect(await all.activeTokens(box.id)).toBe(1);
  return { job: done, calls: lane.kube.calls.slice(from), seen: lane.seen };
}

afterEach(() => {
  all.kubelet.after = undefined;
  all.kubelet.waiting = undefined;
  for (const lane of all.lanes) lane.fault = () => "pass";
});

const isFirst = (name: string): boolean => name.endsWith(" #1");
const isWatch = (name: string): boolean => name.includes("(watch)");
const GONE = { kind: "Status", code: 410, reason: "Expired", message: "too old resource version" };

/** A box's objects are written in parallel and may fail in parallel, but not continuously. */
const WINDOW_MS = 5_000;

/** Calls a second in the busiest seconds. */
function busiest(calls: readonly Call[]): number {
  const times = calls.map(({ at }) => at);
  const within = (from: number) => times.filter((at) => at >= from && at < from + WINDOW_MS).length;
  return Math.max(...times.map((from) => within(from) / (WINDOW_MS / 1_000)));
}

const FAULTS: Record<string, (name: string) => Fate> = {
  "409 on the first try of every call": (name) => (isFirst(name) ? { status: 409 } : "pass"),
  "429 with Retry-After": (name) => (isFirst(name) ? { status: 429, headers: { "retry-after": "1" } } : "pass"),
  "500": (name) => (isFirst(name) ? { status: 500 } : "pass"),
  "a reset connection": (name) => (isFirst(name) ? "reset" : "pass"),
  "half an answer, to what was done": (name) => (isFirst(name) ? "cut" : "pass"),
  "410 Gone on a watch": (name) => (isWatch(name) && isFirst(name) ? { status: 410, body: GONE } : "pass"),
  "410 Gone within a watch": (name) =>
    isWatch(name) && isFirst(name) ? { status: 200, body: { type: "ERROR", object: GONE } } : "pass",
};

describe("one fault on the way", () => {
  test.each(Object.entries(FAULTS))("%s", async (_, fault) => {
    const { job } = await provisionUnder(laneAt(0), fault);
    expect(job, "the first attempt got through").toMatchObject({ attempt: 1 });
  });

  test("a call that is never answered: it is made again, and the lease is kept meanwhile", async () => {
    const hanging = "PATCH /apis/apps/v1/namespaces/customer-*/deployments/gateway #1";
    const { job, seen } = await provisionUnder(laneAt(1), (name) => (name === hanging ? "hang" : "pass"));
    expect(job).toMatchObject({ attempt: 1 });
    const beats = seen.filter((name) => name.includes("/heartbeat"));
    expect(beats.length).toBeGreaterThanOrEqual(3);
  });
});

describe("a fault that stays for a while", () => {
  const FOR_MS = 15_000;
  const lasting: Record<string, (name: string) => Fate> = {
    "every call answers 500": () => ({ status: 500 }),
    "every connection is reset": () => "reset",
    "every watch is gone": (name) => (isWatch(name) ? { status: 410, body: GONE } : "pass"),
  };

  test.each(Object.entries(lasting))("%s: no storm, and the job is done afterwards", async (_, fault) => {
    let since = 0;
    const failing: Call[] = [];
    const { job } = await provisionUnder(laneAt(2), (name, call) => {
      since ||= Date.now();
      const fate = Date.now() - since < FOR_MS ? fault(name) : "pass";
      if (fate !== "pass") failing.push(call);
      return fate;
    });
    expect(failing.length).toBeGreaterThan(0);
    expect(busiest(failing)).toBeLessThan(10);
    expect(job.attempt).toBeLessThanOrEqual(3);
  });
});

describe("a namespace that can't go", () => {
  test("is told of while its box is destroyed, hinders nobody, and is gone when what held it is", async () => {
    const lane = laneAt(3);
    const { operator } = all.cluster;
    const { box, job } = await all.provision(lane);
    await operator.succeeded(job.id);
    const path = `/api/v1/namespaces/${box.namespace}/configmaps`;
    const metadata = { name: "held", namespace: box.namespace, finalizers: ["example.com/held"] };
    const held = { apiVersion: "v1", kind: "ConfigMap", metadata };
    await kubectlByForce(["create", "-f", "-"], JSON.stringify(held));

    const destroyed = (await operator.change("destroy", box.id)).job;
    await until(
      "somebody to be told why",
      async () => {
        const { steps } = await operator.job(destroyed.id);
        return steps.some(({ message }) => message.includes("example.com/held"));
      },
      120_000,
    );
    const other = await all.provision(lane);
    expect(other.box.namespace).not.toBe(box.namespace);
    await operator.succeeded(other.job.id);
    expect(await operator.job(destroyed.id)).toMatchObject({ status: "running" });

    const release = { metadata: { finalizers: [] } };
    const contentType = "application/merge-patch+json";
    await all.kubelet.client.json({ method: "PATCH", path: `${path}/held`, contentType, body: release });
    await operator.succeeded(destroyed.id);
    expect(await operator.box(box.id)).toMatchObject({ status: "destroyed" });
  });
});

describe("a container that can't start", () => {
  const failure = async (jobId: string) => {
    const { status, error_code, error_message } = await all.cluster.operator.job(jobId);
    return error_code !== null && { status, error_code, error_message };
  };

  test("for good: the job is over at once, with the reason in words; an operator's retry goes on from there", async () => {
    all.kubelet.waiting = "ErrImageNeverPull";
    const { box, job } = await all.provision(laneAt(0));
    const told = await until("the job to fail", () => failure(job.id), 120_000);
    expect(told).toMatchObject({ status: "dead", error_code: "image_unusable" });
    expect(told.error_message).toContain("ErrImageNeverPull");
    expect(await all.cluster.operator.box(box.id)).toMatchObject({
      status: "failed",
      status_reason: told.error_message,
    });
    all.kubelet.waiting = undefined;
    await all.kubelet.client.json({
      method: "DELETE",
      path: `/api/v1/namespaces/${box.namespace}/pods`,
      query: { labelSelector: "app=openclaw-gateway" },
    });
    expect((await all.cluster.operator.send("POST", `/internal/jobs/${job.id}/retry`)).status).toBe(200);
    await all.cluster.operator.succeeded(job.id);
  });

  test("perhaps for now: it is told within two minutes, and tried again later", async () => {
    all.kubelet.waiting = "ImagePullBackOff";
    const { job } = await all.provision(laneAt(1));
    const since = Date.now();
    const told = await until("the attempt to fail", () => failure(job.id), 120_000);
    expect(told).toMatchObject({ status: "queued", error_code: "image" });
    expect(Date.now() - since).toBeGreaterThan(25_000);
    expect(await all.cluster.operator.job(job.id)).toMatchObject({ attempt: 1 });
  });
});

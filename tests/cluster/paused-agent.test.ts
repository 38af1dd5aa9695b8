/** An agent is stopped in the middle of a job, another one takes the job over, and the first one wakes up. */
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { AgentLane } from "#tests/harness/agent-lane.ts";
import type { Call } from "#tests/harness/fault-proxy.ts";
import { type Lanes, startLanes } from "#tests/harness/lanes.ts";
import { until } from "#tests/harness/until.ts";

let all: Lanes;
beforeAll(async () => {
  all = await startLanes(inject("bundle"), 4);
});
afterAll(() => all.close());

/** A program of ours starts within seconds; on a machine that is busy with other things it may take long. */
const PATIENCE_MS = 90_000;

/** Of an agent that runs: a signal to nobody's process id would reach this program's own group. */
function pidOf({ agent }: AgentLane): number {
  if (!agent) throw new Error("the agent is not started");
  return agent.pid;
}

/** Two agents of one cluster, in two places. */
function twoAgents(at: number): [AgentLane, AgentLane] {
  const [sleeper, other] = all.lanes.slice(at, at + 2);
  if (!sleeper || !other) throw new Error("too few lanes");
  other.join(sleeper);
  return [sleeper, other];
}

/** By place: which version of each object there is, and under whose fence it was written. */
async function versions(boxId: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const kind of KINDS) {
    const { items } = (await all.kubelet.client.json({
      method: "GET",
      path: kind.replace("*", `customer-${boxId}`),
    })) as List;
    for (const { metadata } of items) {
      if (metadata.annotations?.["fleet/fence"]) {
        found[`${kind} ${metadata.name}`] = `${metadata.resourceVersion} fence ${metadata.annotations["fleet/fence"]}`;
      }
    }
  }
  return found;
}

interface List {
  items: { metadata: { name: string; resourceVersion: string; annotations?: Record<string, string> } }[];
}
const KINDS = [
  "/api/v1/namespaces/*/resourcequotas",
  "/api/v1/namespaces/*/limitranges",
  "/api/v1/namespaces/*/serviceaccounts",
  "/api/v1/namespaces/*/secrets",
  "/api/v1/namespaces/*/persistentvolumeclaims",
  "/apis/apps/v1/namespaces/*/deployments",
  "/apis/networking.k8s.io/v1/namespaces/*/networkpolicies",
];

const WRITES = new Set(["POST", "PATCH", "PUT", "DELETE"]);
/** The comparison with the database tries out what it would write. */
const isWrite = ({ method, path }: { method: string; path: string }): boolean =>
  WRITES.has(method) && !path.includes("dryRun=All");

/** Of what was sent after the agent woke up, all that the cluster took. */
const taken = (late: Call[]) => late.filter(({ status }) => status !== 403);

/**
 * The first agent stops while this write is on its way, its lease ends, the other does the job. Then the write
 * arrives, late, and the agent wakes up.
 */
async function overtaken(at: number, call: string, leaseEnds: (jobId: string) => Promise<unknown>) {
  const [sleeper, other] = twoAgents(at);
  const late = Promise.withResolvers<void>();
  sleeper.watchFor({ call, when: "before" }, async () => {
    process.kill(pidOf(sleeper), "SIGSTOP");
    await late.promise;
    return "pass";
  });
  sleeper.start();
  const { job, box } = await all.provision(sleeper);
  await until("the agent to be in the middle of it", () => sleeper.met, PATIENCE_MS);
  other.start();
  await until(
    "the other agent to be there",
    () => other.log.some((line) => line.includes("connected to the mailbox")),
    PATIENCE_MS,
  );
  await leaseEnds(job.id);
  const done = await all.cluster.operator.succeeded(job.id, 120_000);
  const before = await versions(box.id);
  const from = sleeper.kube.calls.length;
  late.resolve();
  process.kill(pidOf(sleeper), "SIGCONT");
  await until(
    "the first agent to give the job up",
    () => sleeper.log.some((line) => line.includes("another agent holds the job now")),
    PATIENCE_MS,
  );
  expect(await versions(box.id)).toEqual(before);
  expect(await all.cluster.operator.job(job.id)).toMatchObject({ status: "succeeded", attempt: done.attempt });
  const lateWrites = sleeper.kube.calls.slice(from).filter(isWrite);
  return { before, done, held: sleeper.met, lateWrites };
}

test("one that slept past its lease writes nothing, and what was on its way is refused by the cluster", {
  timeout: 420_000,
}, async () => {
  const { done, before, held, lateWrites } = await overtaken(0, `POST ${SECRETS} #1`, async () => undefined);
  expect(done.attempt).toBe(2);
  expect(Object.values(before).every((version) => version.endsWith("fence 2"))).toBe(true);
  expect(held?.status).toBe(403);
  // A box's small objects are written side by side: those that had been handed to the connection leave when it wakes.
  expect(taken(lateWrites)).toEqual([]);
  expect(lateWrites.length).toBeLessThan(SIDE_BY_SIDE);
});

test("one that still believes in its lease is stopped by the fence, at the cluster and at the edge", {
  timeout: 420_000,
}, async () => {
  const { done, held, lateWrites } = await overtaken(2, `PATCH ${DEPLOYMENT} #1`, async (jobId) => {
    await all.query("update operator_jobs set lease_until = now() - interval '1 minute' where id = $1", [jobId]);
    await all.cluster.stack.edge.runCron();
  });
  expect(done.attempt).toBe(2);
  expect(held?.status).toBe(403);
  expect(taken(lateWrites)).toEqual([]);
});

/** Quota, limits, account, policy, volume and secret. */
const SIDE_BY_SIDE = 6;
const SECRETS = "/api/v1/namespaces/customer-*/secrets";
const DEPLOYMENT = "/apis/apps/v1/namespaces/customer-*/deployments/gateway";

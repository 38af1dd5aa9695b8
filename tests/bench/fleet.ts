/**
 * How far one fleet-agent and one cluster carry: boxes by the thousand, provisioned by the real agent as its image runs it,
 * on fake nodes (kwok) whose pods become ready by themselves. `--boxes 1000,5000`; of these `--asleep N` are suspended ones
 * that are there before the agent, where a machine has no time to start all. KUBECONFIG is an administrator's of a cluster
 * with nothing else in it; STORAGE_CLASS may be given; no image is pulled.
 *
 * Jobs come from a stand-in of the edge (fleet/job-feed.ts says why); the API server, its controllers and etcd are real.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readClusterSettings } from "#fleet-agent/config/config.ts";
import { accessFromPod } from "#fleet-agent/drivers/kube/in-cluster.ts";
import { connectKube } from "#fleet-agent/drivers/kube/kube-client.ts";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import { applyManifests } from "#tests/harness/cluster.ts";
import { until } from "#tests/harness/until.ts";
import { type AgentProgram, type ClusterDoor, startAgentProgram, writeServiceAccount } from "./fleet/agent-program.ts";
import { newBox } from "./fleet/boxes.ts";
import { agentDoor } from "./fleet/cluster-door.ts";
import { type JobFeed, startJobFeed } from "./fleet/job-feed.ts";
import { plainApply } from "./fleet/plain-apply.ts";

export const rounds = 1;

/** Jobs at a time: enough to keep an API server busy, since a job mostly waits for its pod. */
const LANES = 32;
const PLAIN_BOXES = 200;
const COMPARISON_MS = 180_000;

interface Size {
  boxes: number;
  /** Of the boxes that were added to reach this size. */
  perMinute: number;
  rssMib: number;
  /** The agent's requests to the API server while these were added, watches and lists included. */
  requestsPerBox: number;
  comparisonSeconds: number | null;
}

export async function bench(
  _rounds: number,
  options: { boxes?: readonly number[] | undefined; asleep?: number | undefined },
): Promise<object> {
  const sizes = options.boxes ?? [1_000, 5_000];
  const folder = await mkdtemp(join(tmpdir(), "openclaw-cloud-fleet-"));
  const settings = clusterSettings();
  await applyManifests(settings.GATEWAY_IMAGE);
  const door = await agentDoor();
  const feed = await startJobFeed();
  await lay(feed, folder, door, settings, options.asleep ?? 0);
  const agent = await startAgentProgram(folder, door, { ...settings, ...agentSettings(feed) });
  try {
    await until("the agent's hello", () => feed.edge.heard.length > 0);
    const measured: Size[] = [];
    for (const boxes of sizes) {
      measured.push(await grow(feed, agent, boxes, options.asleep ?? 0));
      show(measured);
    }
    await agent.stop();
    const plain = await ceiling(folder, door, settings);
    return { ...summary(measured, plain, feed.failures), asleep: options.asleep ?? 0 };
  } finally {
    await agent.stop();
    await feed.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const clusterSettings = (): Record<string, string> => ({
  GATEWAY_IMAGE: `registry.example.com/gateway@sha256:${"0".repeat(64)}`,
  EDGE_CIDRS: '[{"cidr":"203.0.113.0/24"}]',
  ...(process.env.STORAGE_CLASS && { STORAGE_CLASS: process.env.STORAGE_CLASS }),
});

const agentSettings = ({ edge }: JobFeed): Record<string, string> => ({
  EDGE_URL: edge.url,
  CLUSTER_ID: "c1",
  AGENT_KEY: JSON.stringify(edge.key),
  CAPACITY: String(LANES),
});

async function grow(feed: JobFeed, agent: AgentProgram, boxes: number, asleep: number): Promise<Size> {
  const before = feed.done;
  const requests = async () => (await agent.metrics()).sum("fleet_agent_kube_requests_total");
  const requestsBefore = await requests();
  const startedAt = performance.now();
  await feed.provisionUpTo(boxes, LANES);
  const minutes = (performance.now() - startedAt) / 60_000;
  const added = boxes - before;
  const requestsPerBox = ((await requests()) - requestsBefore) / added;
  // Every box is in view and was reported to the edge.
  await until(
    "the agent to see all boxes healthy",
    async () => (await agent.metrics()).sum("fleet_agent_boxes", { health: "healthy" }) >= boxes - asleep,
    120_000,
  );
  const comparison = await feed.compare(COMPARISON_MS);
  const { missing = 0, differing = 0 } = comparison ?? {};
  if (missing + differing > 0) throw new Error(`the comparison found ${missing} boxes missing, ${differing} differing`);
  const rssMib = (await agent.metrics()).sum("process_resident_memory_bytes") / 2 ** 20;
  return { boxes, perMinute: added / minutes, rssMib, requestsPerBox, comparisonSeconds: comparison?.seconds ?? null };
}

/** Boxes that sleep since before the agent came: all their objects, and no pod. */
async function lay(feed: JobFeed, folder: string, door: ClusterDoor, env: Record<string, string>, count: number) {
  const boxes = Array.from({ length: count }, () => newBox("suspended"));
  await applyAsAgent(folder, door, env, boxes);
  feed.know(boxes);
}

/** The same objects by the same identity, with the agent stopped: what is left is the API server's own limit. */
async function ceiling(folder: string, door: ClusterDoor, env: Record<string, string>): Promise<number> {
  const boxes = Array.from({ length: PLAIN_BOXES }, () => newBox());
  return (await applyAsAgent(folder, door, env, boxes)).perMinute;
}

async function applyAsAgent(folder: string, door: ClusterDoor, env: Record<string, string>, boxes: DesiredBox[]) {
  const client = await connectKube(accessFromPod(await writeServiceAccount(folder, door)));
  try {
    return await plainApply(client, readClusterSettings(env), boxes, LANES);
  } finally {
    await client.close();
  }
}

function show(measured: readonly Size[]): void {
  if (measured.length === 1) console.log("boxes  provisions/min  agent RSS  API requests/box  full comparison");
  const { boxes, perMinute, rssMib, requestsPerBox, comparisonSeconds } = measured.at(-1) ?? ({} as Size);
  const cells = [
    String(boxes).padStart(5),
    perMinute.toFixed(0).padStart(16),
    `${rssMib.toFixed(0)} MiB`.padStart(11),
    requestsPerBox.toFixed(1).padStart(18),
    (comparisonSeconds === null ? "NONE MADE" : `${comparisonSeconds.toFixed(1)} s`).padStart(17),
  ];
  console.log(cells.join(""));
}

function summary(measured: readonly Size[], plainPerMinute: number, failures: readonly string[]): object {
  const column = (pick: (size: Size) => number | null, digits: number) =>
    measured.map((size) => {
      const value = pick(size);
      return value === null ? null : Number(value.toFixed(digits));
    });
  if (measured.some(({ comparisonSeconds }) => comparisonSeconds === null)) {
    console.log("LOUD: the agent made no full comparison in time: comparison_seconds is null there, not zero");
  }
  if (failures.length > 0)
    console.log(`${failures.length} attempts failed and were made again; the first: ${failures[0]}`);
  console.log(`plain server-side apply of the same objects, no agent: ${plainPerMinute.toFixed(0)} boxes/min`);
  return {
    boxes: column(({ boxes }) => boxes, 0),
    provisions_per_minute: column(({ perMinute }) => perMinute, 0),
    agent_rss_mib: column(({ rssMib }) => rssMib, 0),
    api_requests_per_box: column(({ requestsPerBox }) => requestsPerBox, 1),
    comparison_seconds: column(({ comparisonSeconds }) => comparisonSeconds, 2),
    failed_attempts: failures.length,
    plain_apply_per_minute: Math.round(plainPerMinute),
  };
}

/**
 * An agent is killed before and after every call that a job makes, to the API server and to the edge, and started
 * again: each time the box ends as if nothing had been. Pods are said to be ready by the suite, so that only what is
 * written counts. KILL_POINTS=all takes every point of every job, else every point of a provision and some of the others.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { Accepted } from "#schema/contracts/internal.ts";
import { type AgentLane, type EdgeProxy, type Point, startEdgeProxy, startLane } from "#tests/harness/agent-lane.ts";
import { boxObjectsOf } from "#tests/harness/box-objects-of.ts";
import { type ClusterStack, kubectl, startClusterStack } from "#tests/harness/cluster.ts";
import { type StandInKubelet, startStandInKubelet } from "#tests/harness/stand-in-kubelet.ts";

const LANES = 4;
const { KILL_POINTS } = process.env;

let cluster: ClusterStack;
let kubelet: StandInKubelet;
let edge: EdgeProxy;
let lanes: AgentLane[];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "openclaw-cloud-kills-"));
  edge = await startEdgeProxy(() => cluster.stack.url);
  cluster = await startClusterStack(inject("bundle"), { vars: { PUBLIC_URL: edge.proxy.url } });
  kubelet = await startStandInKubelet();
  await cluster.stack.services.neon.query("update clusters set accepts_boxes = 0");
  const { stack, agentEnv } = cluster;
  lanes = await Promise.all(Array.from({ length: LANES }, () => startLane({ stack, edge, agentEnv, folder })));
  for (const lane of lanes) lane.start();
});

afterAll(async () => {
  for (const lane of lanes) await lane.close();
  await kubectl(["delete", "namespace", "-l", "app.kubernetes.io/managed-by=fleet-agent", "--wait=false"]);
  await kubelet.close();
  await cluster.close();
  await edge.proxy.close();
  await rm(folder, { recursive: true, force: true });
});

let made = 0;
let ordering: Promise<unknown> = Promise.resolve();

/** New boxes go to the cluster that accepts them, so one is ordered at a time. */
function provision(lane: AgentLane): Promise<Accepted> {
  const { neon, telegram } = cluster.stack.services;
  const order = async () => {
    made += 1;
    const bot = telegram.createBot({ username: `kill${1_000 + made}_bot`, name: "Kill" });
    await neon.query("update clusters set accepts_boxes = (id = $1)::int", [lane.cluster]);
    return cluster.operator.provision({
      customer_email: `kill${made}@example.com`,
      telegram_bot_token: bot.token,
      telegram_user_id: 1_001,
      tier: "starter",
    });
  };
  const ordered = ordering.then(order);
  ordering = ordered.catch(() => undefined);
  return ordered;
}

/** A job with the agent killed at this point and started again; @returns the names of the calls. */
async function run(lane: AgentLane, point: Point | undefined, order: () => Promise<Accepted>): Promise<string[]> {
  lane.watchFor(point, async () => {
    await lane.agent?.stop("SIGKILL");
    lane.start();
  });
  const { job } = await order();
  await cluster.operator.succeeded(job.id, 60_000);
  expect(lane.met, `${point?.call} was made`).toBe(point !== undefined);
  return lane.seen;
}

/** Every call that two clean runs have in common, before and after it. */
function pointsOf(first: readonly string[], second: readonly string[]): Point[] {
  const common = first.filter((call) => second.includes(call));
  return common.flatMap((call) => [
    { call, when: "before" },
    { call, when: "after" },
  ]);
}

const some = (points: Point[]): Point[] =>
  KILL_POINTS === "all" ? points : points.filter((_, i) => i % 5 === Math.floor(i / 5) % 5);

async function inLanes(points: readonly Point[], one: (lane: AgentLane, point: Point) => Promise<void>): Promise<void> {
  const left = [...points];
  await Promise.all(
    lanes.map(async (lane) => {
      for (let point = left.shift(); point; point = left.shift()) await one(lane, point);
    }),
  );
}

const objectsOf = (boxId: string) => boxObjectsOf(kubelet.client, `customer-${boxId}`);

async function activeTokens(boxId: string): Promise<number> {
  const sql = "select count(*)::int as n from proxy_tokens where box_id = $1 and status = 'active'";
  const [row] = await cluster.stack.services.neon.query<{ n: number }>(sql, [boxId]);
  return row?.n ?? 0;
}

test("a provision that is killed at any of its calls ends with the same objects, and one token", async () => {
  const boxes: string[] = [];
  const one = async (lane: AgentLane, point?: Point) => {
    const seen = await run(lane, point, async () => {
      const accepted = await provision(lane);
      boxes.push(accepted.box.id);
      return accepted;
    });
    return { seen, boxId: boxes.at(-1) ?? "" };
  };
  const [lane] = lanes;
  if (!lane) throw new Error("no lane");
  const [first, second] = [await one(lane), await one(lane)];
  const clean = await objectsOf(first.boxId);
  expect(await objectsOf(second.boxId)).toEqual(clean);
  const points = pointsOf(first.seen, second.seen);
  expect(points.length).toBeGreaterThan(40);
  console.log(points.length, first.seen.length, second.seen.length, clean);
  await inLanes(points, async (at, point) => {
    const { boxId } = await one(at, point);
    expect(await objectsOf(boxId), `${point.when} ${point.call}`).toEqual(clean);
    expect(await activeTokens(boxId)).toBe(1);
  });
});

/**
 * An agent is killed before and after every call that a job makes, to the API server and to the edge, and started
 * again: each time the box ends as if nothing had been. Pods are said to be ready by the suite, so that only what is
 * written counts. KILL_POINTS=all takes every point of every job, else all of a provision and a part of the others.
 */
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { Accepted } from "#schema/contracts/internal.ts";
import type { AgentLane, Point } from "#tests/harness/agent-lane.ts";
import { type Lanes, startLanes } from "#tests/harness/lanes.ts";
import { until } from "#tests/harness/until.ts";

const { KILL_POINTS } = process.env;
/** A job takes a few seconds; a machine that is busy with other things may take long. */
const PATIENCE_MS = 180_000;
const TIMEOUT_MS = 1_200_000;

let all: Lanes;

beforeAll(async () => {
  all = await startLanes(inject("bundle"), 4);
  for (const lane of all.lanes) lane.start();
});
afterAll(() => all.close());

/**
 * A job ended without the call at which it was to be killed. Whether some calls are made at all is the moment's affair: a pod
 * that is Ready when it is first asked for is not watched.
 */
class NotMet extends Error {}
const TRIES = 8;

/** A job whose agent is killed at this point and started again; @returns the names of its calls. */
async function run(lane: AgentLane, point: Point | undefined, order: () => Promise<Accepted>): Promise<string[]> {
  lane.watchFor(point, async () => {
    await lane.agent?.stop("SIGKILL");
    lane.start();
    return undefined;
  });
  const { job } = await order();
  await all.cluster.operator.succeeded(job.id, PATIENCE_MS).catch((cause: Error) => {
    const told = [...lane.seen.slice(-5), ...lane.log.slice(-10)].join("\n");
    throw new Error(`${point?.when} ${point?.call}: ${cause.message}\n${told}`);
  });
  // The edge knows it before the agent does: its last call may still be under way.
  if (point) {
    await until(`${point.when} ${point.call}`, () => lane.met, 10_000).catch((cause: Error) => {
      throw new NotMet(cause.message);
    });
  }
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

const some = (points: Point[]): Point[] => (KILL_POINTS === "all" ? points : points.filter((_, i) => i % 5 === 1));

async function inLanes(points: readonly Point[], one: (lane: AgentLane, point: Point) => Promise<void>): Promise<void> {
  const left = [...points];
  await Promise.all(
    all.lanes.map(async (lane) => {
      for (let point = left.shift(); point; point = left.shift()) await untilMet(lane, point, one);
    }),
  );
}

/** Each point has to be met: a job that came by without it is done over. */
async function untilMet(lane: AgentLane, point: Point, one: (lane: AgentLane, point: Point) => Promise<void>) {
  for (let tried = 1; ; tried++) {
    try {
      return await one(lane, point);
    } catch (cause) {
      if (!(cause instanceof NotMet) || tried === TRIES) throw cause;
    }
  }
}

/** A new box, provisioned with a kill at this point. */
async function provisioned(lane: AgentLane, point?: Point): Promise<{ seen: string[]; boxId: string }> {
  let boxId = "";
  const seen = await run(lane, point, async () => {
    const accepted = await all.provision(lane);
    boxId = accepted.box.id;
    return accepted;
  });
  return { seen, boxId };
}

async function change(verb: string, boxId: string, body?: object): Promise<Accepted> {
  const response = await all.cluster.operator.send("POST", `/internal/${verb}/${boxId}`, body);
  return Accepted.parse(await response.json());
}

const first = (): AgentLane => {
  const [lane] = all.lanes;
  if (!lane) throw new Error("no lane");
  return lane;
};

test("a provision that is killed at any of its calls ends with the same objects, and one token", {
  timeout: TIMEOUT_MS,
}, async () => {
  const [one, two] = [await provisioned(first()), await provisioned(first())];
  const clean = await all.objectsOf(one.boxId);
  expect(await all.objectsOf(two.boxId, clean)).toEqual(clean);
  // As busy as it is then: what two runs happened to have in common may hardly ever be called.
  const busy = await Promise.all(all.lanes.map((lane) => provisioned(lane)));
  const isUsual = (call: string) => busy.filter(({ seen }) => seen.includes(call)).length >= busy.length / 2;
  const points = pointsOf(one.seen, two.seen.filter(isUsual));
  console.log(`${points.length} points of a provision`);
  expect(points.length).toBeGreaterThan(30);
  await inLanes(points, async (lane, point) => {
    const { boxId } = await provisioned(lane, point);
    expect(await all.objectsOf(boxId, clean), `${point.when} ${point.call}`).toEqual(clean);
    expect(await all.activeTokens(boxId)).toBe(1);
  });
});

test("so does an update", { timeout: TIMEOUT_MS }, async () => {
  const boxes = new Map<AgentLane, string>();
  for (const lane of all.lanes) boxes.set(lane, (await provisioned(lane)).boxId);
  const boxOf = (lane: AgentLane) => boxes.get(lane) ?? "";
  const update = (lane: AgentLane, language: string) => () => change("update", boxOf(lane), { language });
  const one = await run(first(), undefined, update(first(), "fr"));
  const two = await run(first(), undefined, update(first(), "de"));
  const clean = await all.objectsOf(boxOf(first()));
  expect(JSON.stringify(clean)).toContain('"language":"de"');
  const points = some(pointsOf(one, two));
  await inLanes(points, async (lane, point) => {
    await run(lane, undefined, update(lane, "es"));
    await run(lane, point, update(lane, "de"));
    expect(await all.objectsOf(boxOf(lane), clean), `${point.when} ${point.call}`).toEqual(clean);
    expect(await all.activeTokens(boxOf(lane))).toBe(1);
  });
});

test("a destroy that is killed at any of its calls leaves nothing", { timeout: TIMEOUT_MS }, async () => {
  const destroy = async (lane: AgentLane, point?: Point) => {
    const { boxId } = await provisioned(lane);
    const seen = await run(lane, point, () => change("destroy", boxId));
    expect(await all.cluster.operator.box(boxId)).toMatchObject({ status: "destroyed" });
    await expect(all.objectsOf(boxId)).rejects.toMatchObject({ status: 404 });
    expect(await all.activeTokens(boxId)).toBe(0);
    return seen;
  };
  const points = some(pointsOf(await destroy(first()), await destroy(first())));
  await inLanes(points, async (lane, point) => void (await destroy(lane, point)));
});

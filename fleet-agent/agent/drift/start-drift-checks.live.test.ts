/** An agent's comparisons, against an edge on loopback and a cluster in memory. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "#tests/harness/until.ts";
import { objectsWithoutSecret } from "../../drivers/desired/box-objects.ts";
import type { Driver, SecretCheck } from "../../drivers/driver.ts";
import { createExpectations } from "../../drivers/expectations.ts";
import { createLog } from "../../log.ts";
import { type FakeEdge, startFakeEdge } from "../../testing/fake-edge.ts";
import { sampleBox } from "../../testing/sample-box.ts";
import { listedBox, type SampleCluster, SETTINGS, sampleCluster, stored } from "../../testing/sample-cluster.ts";
import { createEdgeClient } from "../edge/edge-client.ts";
import { keepChecking } from "./keep-checking.ts";
import { createKnownBoxes, type KnownBoxes } from "./known-boxes.ts";
import { watchDrift } from "./watch-drift.ts";

const box = sampleBox();
let edge: FakeEdge;
let cluster: SampleCluster;
let known: KnownBoxes;
let stop: AbortController;
let list: object;
let verdict: string;
let secretChanged: SecretCheck;
beforeEach(async () => {
  edge = await startFakeEdge();
  cluster = sampleCluster();
  cluster.put(box);
  known = createKnownBoxes();
  stop = new AbortController();
  list = { boxes: [listedBox(box)], next_cursor: null, total: 1 };
  verdict = "repairing";
  secretChanged = async () => false;
  edge.answer = ({ path, body }) => {
    if (path === "/fleet/boxes") return { status: 200, body: list };
    if (path === "/fleet/comparison") return { status: 200, body: { removing: 0, held_back: 0, unknown: 0 } };
    if (path !== "/fleet/drift") return undefined;
    const boxes = body.boxes as { box_id: string }[];
    return { status: 200, body: { boxes: boxes.map(({ box_id }) => ({ box_id, verdict })) } };
  };
});
afterEach(async () => {
  stop.abort();
  await edge.close();
});

const options = () => ({
  edge: createEdgeClient({ edgeUrl: edge.url, sign: edge.sign }),
  view: cluster,
  expect: createExpectations(
    (one) => {
      const { namespace, bounds, volume, deployment } = objectsWithoutSecret(
        { ...one, customer_id: null, config: null },
        SETTINGS,
      );
      return [namespace, ...bounds, volume, deployment];
    },
    async (object) => stored(object),
  ),
  secretChanged: (one: Parameters<SecretCheck>[0], version: string) => secretChanged(one, version),
  known,
  log: createLog("silent"),
  signal: stop.signal,
});
const compared = (count: number) =>
  until(`comparison ${count}`, () => edge.callsOf("/fleet/comparison").length >= count);
const drifts = () =>
  edge.callsOf("/fleet/drift").flatMap(({ body }) => body.boxes as { box_id: string; found: string[] }[]);

describe("a full comparison", () => {
  it("happens at the start, tells what it found, and again when an operator asks", async () => {
    const stray = sampleBox();
    cluster.put(stray);
    cluster.change("Deployment", box.box_id, undefined);
    const driftChecks = keepChecking(options());
    await compared(1);
    expect(drifts()).toEqual([{ box_id: box.box_id, generation: 3, found: ["Deployment: is gone"] }]);
    expect(edge.callsOf("/fleet/comparison")[0]?.body).toMatchObject({
      present: 2,
      strays: [stray.box_id],
      figures: { boxes: 1, missing: 0, differing: 1 },
    });
    driftChecks.asked(null);
    driftChecks.asked(null);
    driftChecks.asked(7);
    await compared(2);
    stop.abort();
    await driftChecks.stopped;
  });

  it("waits until everything is seen", async () => {
    cluster.whole = false;
    const { stopped } = keepChecking(options());
    cluster.change("Deployment", box.box_id, undefined);
    cluster.put(box);
    cluster.whole = true;
    await compared(1);
    expect(drifts()).toEqual([]);
    stop.abort();
    await stopped;
  });

  it.each([
    ["that lacks boxes", { boxes: [], next_cursor: null, total: 1 }],
    ["that has no end", { boxes: [listedBox(box)], next_cursor: box.box_id, total: 1 }],
  ])("concludes nothing from a list %s", async (_, wrong) => {
    const right = list;
    list = wrong;
    const { stopped } = keepChecking({ ...options(), everyMs: 10 });
    await until("a try", () => edge.callsOf("/fleet/boxes").length > 1);
    expect(edge.callsOf("/fleet/comparison")).toEqual([]);
    list = right;
    await compared(1);
    stop.abort();
    await stopped;
  });

  it("goes on after an edge that was away, and takes up again soon what was put off", async () => {
    const well = edge.answer;
    edge.answer = () => ({ status: 400, body: { code: "invalid_request" } });
    cluster.change("LimitRange", box.box_id, undefined);
    const { stopped } = keepChecking({ ...options(), everyMs: 10 });
    await until("a try", () => edge.callsOf("/fleet/boxes").length > 1);
    edge.answer = well;
    verdict = "later";
    await compared(2);
    expect(drifts().length).toBeGreaterThan(1);
    stop.abort();
    await stopped;
  });
});

it("a full comparison has a box repaired whose Secret was changed, which nothing tells between comparisons", async () => {
  cluster.change("Deployment", box.box_id, ({ metadata }) => {
    const { annotations, ...rest } = metadata as { annotations: object };
    return { metadata: { ...rest, annotations: { ...annotations, "fleet/secret-version": "5" } } };
  });
  secretChanged = async (_, version) => version === "5";
  const { stopped } = keepChecking({ ...options(), settledMs: 0 });
  await compared(1);
  expect(drifts()).toEqual([{ box_id: box.box_id, generation: 3, found: ["Secret: was changed"] }]);
  expect(edge.callsOf("/fleet/comparison")[0]?.body).toMatchObject({ figures: { differing: 1 } });
  stop.abort();
  await stopped;
});

describe("between comparisons", () => {
  const watch = () => watchDrift({ ...options(), gatherMs: 5, laterMs: 20 });

  it("a change is reported at once, and again while it can't be repaired", async () => {
    known.replace([listedBox(box)], performance.now());
    verdict = "later";
    const watching = watch();
    cluster.change("NetworkPolicy", box.box_id, undefined);
    await until("a second report", () => drifts().length >= 2);
    expect(drifts()[0]).toEqual({ box_id: box.box_id, generation: 3, found: ["NetworkPolicy: is gone"] });
    cluster.put(box);
    const before = drifts().length;
    verdict = "repairing";
    known.replace([listedBox({ ...box, generation: 4 })], performance.now());
    cluster.put({ ...box, generation: 4 });
    cluster.change("ResourceQuota", box.box_id, undefined);
    await until("the next one", () => drifts().length > before);
    stop.abort();
    await watching;
  });

  it("what a job does is no drift, and what it has brought is what should be", async () => {
    const driver: Driver = {
      reconcile: async (desired) => {
        if (desired.status === "destroyed") return;
        cluster.change("ResourceQuota", box.box_id, undefined);
        if (desired.generation === 9) throw new Error("the cluster is away");
        cluster.put(desired);
      },
      observe: async () => [],
      stop: async () => undefined,
    };
    const learning = known.learnFrom(driver);
    const guard = { signal: stop.signal, check: () => undefined };
    const run = (more: object) => learning.reconcile({ ...box, ...more }, guard, async () => undefined);
    known.replace([listedBox(box)], performance.now());
    const watching = watch();
    await run({ generation: 4, tier: "team" });
    expect(known.get(box.box_id)).toMatchObject({ generation: 4, tier: "team", busy: false });
    expect(known.get(box.box_id)).not.toHaveProperty("config");
    cluster.change("LimitRange", box.box_id, undefined);
    await until("the report", () => drifts().length === 1);
    expect(drifts()[0]).toMatchObject({ generation: 4, found: ["LimitRange: is gone"] });

    await expect(run({ generation: 9 })).rejects.toThrow("away");
    expect(known.get(box.box_id), "nobody knows how far it came").toBeUndefined();
    await run({ generation: 10, status: "destroyed" });
    expect(known.get(box.box_id)).toBeUndefined();
    stop.abort();
    await watching;
  });

  it("what somebody does while a job writes is reported when the job has ended", async () => {
    const writes = Promise.withResolvers<void>();
    const learning = known.learnFrom({
      reconcile: () => writes.promise,
      observe: async () => [],
      stop: async () => undefined,
    });
    known.replace([listedBox(box)], performance.now());
    const watching = watch();
    const guard = { signal: stop.signal, check: () => undefined };
    const running = learning.reconcile(box, guard, async () => undefined);
    cluster.change("NetworkPolicy", box.box_id, undefined);
    const other = sampleBox();
    cluster.put(other);
    known.replace([listedBox(box), listedBox(other)], performance.now());
    cluster.change("LimitRange", other.box_id, undefined);
    await until("the other box's report", () => drifts().length >= 1);
    expect(drifts().map(({ box_id }) => box_id)).toEqual([other.box_id]);
    writes.resolve();
    await running;
    await until("the report", () => drifts().some(({ box_id }) => box_id === box.box_id));
    expect(drifts().find(({ box_id }) => box_id === box.box_id)?.found).toEqual(["NetworkPolicy: is gone"]);
    stop.abort();
    await watching;
  });
});

import { beforeEach, describe, expect, it } from "vitest";
import type { ListedBox } from "#schema/contracts/comparison.ts";
import { newId } from "#schema/domain/ids.ts";
import { KINDS } from "../../drivers/cluster-view.ts";
import { objectsWithoutSecret } from "../../drivers/desired/box-objects.ts";
import type { KubeObject } from "../../drivers/desired/kube-object.ts";
import { createExpectations, type Shape } from "../../drivers/expectations.ts";
import { sampleBox } from "../../testing/sample-box.ts";
import { listedBox, type SampleCluster, SETTINGS, sampleCluster, stored } from "../../testing/sample-cluster.ts";
import { findDrift } from "./find-drift.ts";

const shape =
  (settings = SETTINGS): Shape =>
  (box) => {
    const { namespace, bounds, volume, deployment } = objectsWithoutSecret(
      { ...box, customer_id: null, config: null },
      settings,
    );
    return [namespace, ...bounds, volume, deployment];
  };

let cluster: SampleCluster;
let trials: KubeObject[];
let expected: ReturnType<typeof createExpectations>;
const box = sampleBox();
const tryOut = async (object: KubeObject): Promise<unknown> => {
  trials.push(object);
  return stored(object);
};
beforeEach(() => {
  trials = [];
  cluster = sampleCluster();
  cluster.put(box);
  expected = createExpectations(shape(), tryOut);
});
const compare = (list: ListedBox[] = [listedBox(box)]) => findDrift(cluster, list, expected);
const found = async (list?: ListedBox[]) => (await compare(list)).differing.flatMap((one) => one.found);

describe("a box as it should be", () => {
  it("has no differences, and the API server is asked once for all that are alike", async () => {
    const more = Array.from({ length: 20 }, () => sampleBox());
    for (const one of more) cluster.put(one);
    const list = [box, ...more].map((one) => listedBox(one));
    expect(await compare(list)).toEqual({ present: 21, missing: [], differing: [], outdated: [], strays: [] });
    expect(trials.map(({ kind }) => kind).sort()).toEqual([
      "Deployment",
      "LimitRange",
      "NetworkPolicy",
      "ResourceQuota",
      "ServiceAccount",
    ]);
    cluster.put({ ...box, status: "suspended" });
    expect(await found([listedBox({ ...box, status: "suspended" })])).toEqual([]);
  });
});

describe("what somebody has done is found:", () => {
  it.each(KINDS.filter((kind) => kind !== "Namespace"))("the %s was removed", async (kind) => {
    cluster.change(kind, box.box_id, undefined);
    expect(await found()).toEqual([`${kind}: is gone`]);
  });

  it.each([
    ["ResourceQuota", { spec: { defaulted: true, hard: { pods: "100" } } }],
    ["NetworkPolicy", { spec: { defaulted: true, podSelector: {}, policyTypes: ["Ingress"] } }],
    ["Deployment", { spec: { defaulted: true, replicas: 5 } }],
    ["LimitRange", { spec: {} }],
    ["ServiceAccount", { automountServiceAccountToken: true }],
  ] as const)("the %s was changed", async (kind, change) => {
    cluster.change(kind, box.box_id, () => change);
    expect(await found()).toEqual([`${kind}: was changed`]);
  });

  it("a container was added, beside ours", async () => {
    cluster.change("Deployment", box.box_id, ({ spec }) => {
      const changed = structuredClone(spec) as { template: { spec: { containers: object[] } } };
      changed.template.spec.containers.push({ name: "miner", image: "x" });
      return { spec: changed };
    });
    expect(await found()).toEqual(["Deployment: was changed"]);
  });

  it("the namespace no longer enforces Pod Security", async () => {
    cluster.change("Namespace", box.box_id, (object) => {
      const metadata = structuredClone(object.metadata) as { labels: Record<string, string> };
      metadata.labels["pod-security.kubernetes.io/enforce"] = "privileged";
      return { metadata };
    });
    expect(await found()).toEqual(["Namespace: was changed"]);
  });

  it("something was put beside the box's own objects", async () => {
    cluster.others.set(box.box_id, ["NetworkPolicy open"]);
    expect(await found()).toEqual(["NetworkPolicy open: is foreign"]);
  });

  it("the cluster came back from an older time", async () => {
    const list = [listedBox({ ...box, generation: 5 }, { observed_generation: 5 })];
    const all = await found(list);
    expect(all).toHaveLength(KINDS.length);
    expect(all).toContain("Deployment: is of generation 3, not 5");
    cluster.change("Namespace", box.box_id, undefined);
    expect(await compare(list)).toMatchObject({ missing: [{ box_id: box.box_id, generation: 5 }], differing: [] });
  });

  it("a change was recorded, and no job ever brought it", async () => {
    expect(await found([listedBox(box, { observed_generation: 2 })])).toEqual(["it has not reached generation 3"]);
  });
});

describe("nothing is said of", () => {
  it("boxes that a job is at work on, and those that are to go", async () => {
    cluster.change("NetworkPolicy", box.box_id, undefined);
    expect(await found([listedBox(box, { busy: true })])).toEqual([]);
    expect(await found([listedBox({ ...box, status: "destroyed" })])).toEqual([]);
  });

  it("a box that is further than the list", async () => {
    cluster.change("NetworkPolicy", box.box_id, undefined);
    expect(await found([listedBox({ ...box, generation: 2 })])).toEqual([]);
  });

  it("objects that could not be tried out; it is tried again later, not once a box", async () => {
    expected = createExpectations(shape(), async (object) => {
      await tryOut(object);
      throw new Error("no right");
    });
    cluster.change("ResourceQuota", box.box_id, () => ({ spec: {} }));
    expect(await found([listedBox(box), listedBox(box)])).toEqual([]);
    expect(trials).toHaveLength(5);
  });
});

it("what another version of ours has written is outdated, and nobody's mistake", async () => {
  expected = createExpectations(shape({ ...SETTINGS, image: "gateway@sha256:2" }), tryOut);
  expect(await compare()).toMatchObject({ differing: [], outdated: [box.box_id] });
});

it("boxes that are in the cluster and not in the list are strays, unless they are being removed", async () => {
  const [stray, leaving] = [sampleBox(), sampleBox()];
  cluster.put(stray);
  cluster.put(leaving);
  cluster.change("Namespace", leaving.box_id, ({ metadata }) => ({
    metadata: { ...(metadata as object), deletionTimestamp: "2026-11-01T00:00:00Z" },
  }));
  expect(await compare([listedBox(box), listedBox(sampleBox({ box_id: newId() }), { busy: true })])).toMatchObject({
    present: 3,
    strays: [stray.box_id],
    missing: [],
  });
});

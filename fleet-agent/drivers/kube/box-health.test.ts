import { describe, expect, it } from "vitest";
import { newId } from "#schema/domain/ids.ts";
import { READY, waiting } from "../../testing/sample-pods.ts";
import { boxHealth } from "./box-health.ts";
import { NodeView } from "./seen-node.ts";
import { SeenPodView } from "./seen-pod.ts";

const boxId = newId();
const pod = (status: object, metadata: object = {}, nodeName = "n1") =>
  SeenPodView.parse({
    metadata: { name: "gateway", uid: newId(), resourceVersion: "1", namespace: `customer-${boxId}`, ...metadata },
    spec: { nodeName },
    status,
  });
const node = (name: string, ready: string) =>
  NodeView.parse({ metadata: { name }, status: { conditions: [{ type: "Ready", status: ready }] } });
const at = (minute: number) => ({ creationTimestamp: `2026-11-01T00:0${minute}:00Z` });
const ending = { deletionTimestamp: "2026-11-01T00:09:00Z" };
const well = [node("n1", "True")];

describe("the health of a box", () => {
  it("goes by the namespace, and knows only namespaces of boxes", () => {
    expect(boxHealth([pod(READY), pod(READY, { namespace: "kube-system" })], well)).toEqual([
      { box_id: boxId, health: "healthy", code: null, reason: null, restarts: 0 },
    ]);
  });

  it("is its newest pod's that is not ending", () => {
    const pods = [pod(READY, at(1)), pod(waiting("ErrImagePull"), at(2)), pod(READY, { ...at(3), ...ending })];
    expect(boxHealth(pods, well)).toMatchObject([{ health: "unhealthy", code: "image" }]);
    expect(boxHealth([...pods].reverse(), well)).toMatchObject([{ health: "unhealthy", code: "image" }]);
  });

  it("is unknown while its only pod ends", () => {
    expect(boxHealth([pod(READY, ending)], well)).toMatchObject([{ health: "unknown" }]);
  });

  it.each([
    ["doesn't answer", [node("n1", "Unknown")]],
    ["says that it isn't ready", [node("n1", "False")]],
    ["has left the cluster", [node("n2", "True")]],
  ])("is bad where its node %s, whatever was last heard of the pod", (_, nodes) => {
    expect(boxHealth([pod(READY)], nodes)).toMatchObject([
      { health: "unhealthy", code: "node", reason: expect.stringContaining("n1") },
    ]);
    expect(boxHealth([pod(READY, ending)], nodes)).toMatchObject([{ code: "node" }]);
  });

  it("is its ending pod's while the next one has no node: it waits for the volume", () => {
    const next = { ...pod({}, at(4)), node: undefined };
    const before = pod(READY, { ...at(1), ...ending });
    expect(boxHealth([next, before], [node("n1", "Unknown")])).toMatchObject([
      { health: "unhealthy", code: "node", reason: "The node n1, on which this box runs, doesn't answer." },
    ]);
    expect(boxHealth([before, next], well)).toMatchObject([
      { health: "unknown", reason: "waiting for the previous pod to end" },
    ]);
    expect(boxHealth([before, { ...pod(READY, at(4)) }], well)).toMatchObject([{ health: "healthy" }]);
  });

  it("goes by the pod alone while nodes can't be seen, or it is on none yet", () => {
    expect(boxHealth([pod(READY)], undefined)).toMatchObject([{ health: "healthy" }]);
    const unplaced = SeenPodView.parse({
      metadata: { name: "g", uid: "u", resourceVersion: "1", namespace: `customer-${boxId}` },
    });
    expect(boxHealth([unplaced], well)).toMatchObject([{ health: "unknown", reason: "waiting for a node" }]);
  });
});

import { describe, expect, it } from "vitest";
import { READY, samplePod, waiting, withContainer } from "../../testing/sample-pods.ts";
import { currentPod, healthOf, phaseOf } from "./pod-phase.ts";

const at = (minute: number) => ({ creationTimestamp: `2026-11-01T00:0${minute}:00Z` });

describe("currentPod", () => {
  it("is the newest that is not ending", () => {
    const [first, second] = [samplePod({}, at(1)), samplePod({}, at(2))];
    const ending = samplePod({}, { ...at(3), deletionTimestamp: "2026-11-01T00:04:00Z" });
    expect(currentPod([first, ending, second])).toBe(second);
    expect(currentPod([ending])).toBeUndefined();
  });
});

describe("phaseOf", () => {
  it("tells how far a pod has come", () => {
    const phases = [
      [],
      [samplePod({})],
      [samplePod(waiting("ContainerCreating"))],
      [samplePod(withContainer({ state: { running: {} } }))],
      [samplePod(withContainer({ state: { running: {} }, started: true }))],
      [samplePod(READY)],
    ].map(phaseOf);
    expect(phases).toEqual([
      "waiting for the pod",
      "waiting for a node",
      "preparing the volume and the image",
      "the gateway is starting",
      "the gateway is running and warming up",
      "the gateway is ready",
    ]);
  });
});

describe("healthOf", () => {
  it("is unknown while a box starts, healthy when it is ready, unhealthy when it was up and is not ready", () => {
    expect(healthOf(samplePod(withContainer({ state: { running: {} } }))).health).toBe("unknown");
    expect(healthOf(samplePod(READY))).toEqual({ health: "healthy", code: null, reason: null, restarts: 0 });
    expect(healthOf(samplePod(withContainer({ state: { running: {} }, started: true, restartCount: 1 })))).toEqual({
      health: "unhealthy",
      code: "not_ready",
      reason: "the gateway is running but not ready",
      restarts: 1,
    });
  });

  it("gives the reason of a trouble", () => {
    expect(healthOf(samplePod(waiting("ErrImagePull", "no such image")))).toMatchObject({
      health: "unhealthy",
      code: "image",
      reason: expect.stringContaining("no such image"),
    });
    const loop = withContainer({ restartCount: 4, state: { waiting: { reason: "CrashLoopBackOff" } } });
    expect(healthOf(samplePod(loop))).toMatchObject({ health: "unhealthy", code: "crash_loop", restarts: 4 });
  });
});

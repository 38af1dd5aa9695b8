import { describe, expect, it } from "vitest";
import { READY, sampleDeployment, samplePod, waiting, withContainer } from "../../testing/sample-pods.ts";
import { troubleOf } from "./pod-trouble.ts";

const ofPod = (status: object) => troubleOf(undefined, [samplePod(status)]);
const replicaFailure = (message: string) =>
  troubleOf(sampleDeployment({ conditions: [{ type: "ReplicaFailure", status: "True", message }] }), []);

describe("troubleOf", () => {
  it("sees none in a pod that starts or runs", () => {
    expect(ofPod(READY)).toBeUndefined();
    expect(ofPod(waiting("ContainerCreating"))).toBeUndefined();
    expect(ofPod(withContainer({ state: { running: {} } }))).toBeUndefined();
    expect(troubleOf(sampleDeployment({}), [])).toBeUndefined();
  });

  it("gives an image that can't be pulled half a minute, and one that never can none", () => {
    expect(ofPod(waiting("ImagePullBackOff", "not found"))).toMatchObject({
      failure: { code: "image", retryable: true, message: expect.stringContaining("not found") },
      graceMs: 30_000,
    });
    expect(ofPod(waiting("ErrImageNeverPull"))).toMatchObject({
      failure: { code: "image_unusable", retryable: false },
      graceMs: 0,
    });
  });

  it("tells a crash loop from one crash, and says when memory ran out", () => {
    const crashed = (restartCount: number, reason: string) =>
      ofPod(
        withContainer({
          restartCount,
          state: { waiting: { reason } },
          lastState: { terminated: { exitCode: 137, reason: "OOMKilled" } },
        }),
      );
    expect(crashed(1, "ContainerCreating")).toBeUndefined();
    expect(crashed(1, "CrashLoopBackOff")?.graceMs).toBe(30_000);
    expect(crashed(3, "CrashLoopBackOff")).toMatchObject({
      failure: { code: "out_of_memory", message: expect.stringContaining("memory") },
      graceMs: 0,
    });
  });

  it("sees a loop also in the moments in which the container runs", () => {
    const status = withContainer({
      restartCount: 4,
      state: { running: {} },
      lastState: { terminated: { exitCode: 1 } },
    });
    expect(ofPod(status)).toMatchObject({
      failure: { code: "crash_loop", message: expect.stringContaining("exit code 1") },
    });
    expect(ofPod(withContainer({ restartCount: 4, ready: true, state: { running: {} } }))).toBeUndefined();
  });

  it("carries the code that the supervisor left", () => {
    const message = "state_damaged: the gateway keeps exiting: a database of its memory is damaged";
    const status = { restartCount: 4, lastState: { terminated: { exitCode: 1, message } } };
    expect(ofPod(withContainer(status))?.failure).toEqual({
      code: "state_damaged",
      message:
        "The gateway keeps exiting (4 restarts; last time: the gateway keeps exiting: a database of its memory is damaged).",
      retryable: false,
    });
  });

  it("takes the supervisor's word that starting again is useless, until it has come up", () => {
    const message = "the gateway keeps exiting: it rejected its configuration";
    const status = { restartCount: 1, state: { running: {} }, lastState: { terminated: { exitCode: 1, message } } };
    expect(ofPod(withContainer(status))).toMatchObject({
      failure: { code: "crash_loop", message: expect.stringContaining("rejected its configuration") },
      graceMs: 30_000,
    });
    expect(ofPod(withContainer({ ...status, started: true }))).toBeUndefined();
  });

  it("passes on the scheduler's reason", () => {
    const condition = { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/3 nodes: memory" };
    expect(ofPod({ conditions: [condition] })?.failure).toMatchObject({
      code: "unschedulable",
      message: expect.stringContaining("0/3 nodes: memory"),
    });
  });

  it("tells a quota that is full from one that is not counted yet, and from a refusal", () => {
    expect(replicaFailure("exceeded quota: gateway")?.failure.code).toBe("quota");
    expect(replicaFailure("status unknown for quota: gateway")).toBeUndefined();
    expect(replicaFailure("violates PodSecurity")?.failure).toMatchObject({ code: "forbidden", retryable: false });
  });

  it("never needs more than two minutes", () => {
    const all = [ofPod(waiting("ImagePullBackOff")), replicaFailure("exceeded quota"), replicaFailure("no")];
    for (const trouble of all) expect(trouble?.graceMs).toBeLessThan(120_000);
  });

  it("does not blame the new pod for one that is on its way out", () => {
    const old = samplePod(waiting("ImagePullBackOff"), { deletionTimestamp: "2026-11-01T00:00:00Z" });
    expect(troubleOf(undefined, [old, samplePod(READY)])).toBeUndefined();
  });
});

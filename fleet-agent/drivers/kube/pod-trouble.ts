import { type LeftReason, readLeftReason } from "#schema/contracts/left-reason.ts";
import type { ReasonCode } from "#schema/domain/reasons/catalogue.ts";
import { type BoxFailure, failureOf } from "../driver.ts";
import type { DeploymentView, PodView } from "./views.ts";

/** A problem that keeps a box from running, and how long it may last before it counts as a failure. */
export interface Trouble {
  failure: BoxFailure;
  graceMs: number;
}

type ContainerStatus = PodView["status"]["containerStatuses"][number];

/** The problem, in words for operators; undefined if there is none yet. Pure. */
export function troubleOf(deployment: DeploymentView | undefined, pods: readonly PodView[]): Trouble | undefined {
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp) continue;
    const found = podTrouble(pod);
    if (found) return found;
  }
  return deployment && creationTrouble(deployment);
}

/** The problem of one pod. */
export function podTrouble(pod: PodView): Trouble | undefined {
  for (const container of pod.status.containerStatuses) {
    const found = imageTrouble(container) ?? crashTrouble(container);
    if (found) return found;
  }
  const scheduled = pod.status.conditions.find((condition) => condition.type === "PodScheduled");
  if (scheduled?.status !== "False" || scheduled.reason !== "Unschedulable") return undefined;
  const message = `No node of the cluster has room for this box: ${scheduled.message ?? "no reason given"}`;
  // Binding a volume and adding a node take time while the pod waits.
  return trouble("unschedulable", message, 60_000);
}

/** The kubelet's reasons that don't go away by waiting. */
const HOPELESS_IMAGE = new Set(["InvalidImageName", "ErrImageNeverPull", "ImageInspectError"]);
const UNLUCKY_IMAGE = new Set(["ErrImagePull", "ImagePullBackOff", "RegistryUnavailable", "SignatureValidationFailed"]);

function imageTrouble({ state }: ContainerStatus): Trouble | undefined {
  const reason = state?.waiting?.reason ?? "";
  const detail = state?.waiting?.message ?? "no details";
  if (HOPELESS_IMAGE.has(reason))
    return trouble("image_unusable", `The gateway image can't be used (${reason}): ${detail}`, 0);
  if (UNLUCKY_IMAGE.has(reason))
    return trouble("image", `The gateway image can't be pulled (${reason}): ${detail}`, 30_000);
  if (reason === "CreateContainerConfigError" || reason === "CreateContainerError" || reason === "RunContainerError")
    return trouble("crash_loop", `The gateway's container can't be started (${reason}): ${detail}`, 30_000);
  return undefined;
}

/** One crash may be an accident; from the third start on it is a loop. */
const RESTARTS_THAT_ARE_A_LOOP = 2;

type Ended = NonNullable<NonNullable<ContainerStatus["state"]>["terminated"]>;

function crashTrouble({ restartCount, ready, started, state, lastState }: ContainerStatus): Trouble | undefined {
  // It started this time, whatever happened before.
  if (ready || started) return undefined;
  const last = state?.terminated ?? lastState?.terminated;
  // The supervisor writes a message when it has tried several starts itself.
  const looping = state?.waiting?.reason === "CrashLoopBackOff" || last?.message !== undefined;
  if (!looping && restartCount < RESTARTS_THAT_ARE_A_LOOP) return undefined;
  const { code, words } = whyEnded(last);
  const message = `The gateway keeps exiting (${restartCount} restarts; last time: ${words}).`;
  return trouble(code, message, restartCount >= RESTARTS_THAT_ARE_A_LOOP ? 0 : 30_000);
}

/** By what the supervisor left behind, if it could. */
function whyEnded(last: Ended | undefined): LeftReason {
  if (last?.reason === "OOMKilled") return { code: "out_of_memory", words: "it ran out of memory" };
  const text = last?.message?.trim() ?? "";
  return readLeftReason(text) ?? { code: "crash_loop", words: text || `exit code ${last?.exitCode ?? "unknown"}` };
}

/** The pod could not even be created. */
function creationTrouble({ status }: DeploymentView): Trouble | undefined {
  const refused = status.conditions.find(({ type, status: value }) => type === "ReplicaFailure" && value === "True");
  const detail = refused?.message ?? "";
  // The controller has not counted the quota yet; the next attempt succeeds.
  if (!refused || detail.includes("status unknown for quota")) return undefined;
  if (detail.includes("exceeded quota")) {
    // The previous pod counts until it has ended.
    return trouble("quota", `The box's quota has no room for its pod: ${detail}`, 75_000);
  }
  return trouble("forbidden", `The cluster refuses the box's pod: ${detail}`, 10_000);
}

const trouble = (code: ReasonCode, message: string, graceMs: number): Trouble => ({
  failure: failureOf(code, message),
  graceMs,
});

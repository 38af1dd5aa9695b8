import type { Failure } from "#schema/contracts/fleet.ts";
import type { DeploymentView, PodView } from "./views.ts";

/** Something that keeps a box from running, and how long it may last before it counts as a failure. */
export interface Trouble {
  failure: Failure;
  graceMs: number;
}

type ContainerStatus = PodView["status"]["containerStatuses"][number];

/** What is wrong, in words for people; undefined where nothing is (yet). Pure. */
export function troubleOf(deployment: DeploymentView | undefined, pods: readonly PodView[]): Trouble | undefined {
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp) continue;
    const trouble = podTrouble(pod);
    if (trouble) return trouble;
  }
  return deployment && creationTrouble(deployment);
}

/** Trouble of one pod. */
export function podTrouble(pod: PodView): Trouble | undefined {
  for (const container of pod.status.containerStatuses) {
    const trouble = imageTrouble(container) ?? crashTrouble(container);
    if (trouble) return trouble;
  }
  const scheduled = pod.status.conditions.find((condition) => condition.type === "PodScheduled");
  if (scheduled?.status !== "False" || scheduled.reason !== "Unschedulable") return undefined;
  const message = `No node of the cluster has room for this box: ${scheduled.message ?? "no reason given"}`;
  // A volume is bound and a node is added while the pod waits; both take their time.
  return { failure: failure("unschedulable", message, true), graceMs: 60_000 };
}

/** Reasons of the kubelet that no waiting mends. */
const HOPELESS_IMAGE = new Set(["InvalidImageName", "ErrImageNeverPull", "ImageInspectError"]);
const UNLUCKY_IMAGE = new Set(["ErrImagePull", "ImagePullBackOff", "RegistryUnavailable", "SignatureValidationFailed"]);

function imageTrouble({ state }: ContainerStatus): Trouble | undefined {
  const reason = state?.waiting?.reason ?? "";
  const detail = state?.waiting?.message ?? "no details";
  if (HOPELESS_IMAGE.has(reason))
    return { failure: failure("image", `The gateway image can't be used (${reason}): ${detail}`, false), graceMs: 0 };
  if (UNLUCKY_IMAGE.has(reason))
    return {
      failure: failure("image", `The gateway image can't be pulled (${reason}): ${detail}`, true),
      graceMs: 30_000,
    };
  if (reason === "CreateContainerConfigError" || reason === "CreateContainerError" || reason === "RunContainerError") {
    return {
      failure: failure("crash_loop", `The gateway's container can't be started (${reason}): ${detail}`, true),
      graceMs: 30_000,
    };
  }
  return undefined;
}

/** One crash may be bad luck; from the third start on it is a loop. */
const RESTARTS_THAT_ARE_A_LOOP = 2;

type Ended = NonNullable<NonNullable<ContainerStatus["state"]>["terminated"]>;

function crashTrouble({ restartCount, ready, started, state, lastState }: ContainerStatus): Trouble | undefined {
  // Whatever ended before, this time it came up.
  if (ready || started) return undefined;
  const last = state?.terminated ?? lastState?.terminated;
  // The supervisor leaves a message when it has tried several starts itself.
  const looping = state?.waiting?.reason === "CrashLoopBackOff" || last?.message !== undefined;
  if (!looping && restartCount < RESTARTS_THAT_ARE_A_LOOP) return undefined;
  const message = `The gateway ends again and again (${restartCount} restarts; last time: ${whyEnded(last)}).`;
  return {
    failure: failure("crash_loop", message, true),
    graceMs: restartCount >= RESTARTS_THAT_ARE_A_LOOP ? 0 : 30_000,
  };
}

function whyEnded(last: Ended | undefined): string {
  if (last?.reason === "OOMKilled") return "it ran out of memory";
  return last?.message?.trim() || `exit code ${last?.exitCode ?? "unknown"}`;
}

/** The pod could not even be created. */
function creationTrouble({ status }: DeploymentView): Trouble | undefined {
  const refused = status.conditions.find(({ type, status: value }) => type === "ReplicaFailure" && value === "True");
  const detail = refused?.message ?? "";
  // A quota that the controller has not counted yet; the next try succeeds.
  if (!refused || detail.includes("status unknown for quota")) return undefined;
  if (detail.includes("exceeded quota")) {
    // The pod before may still be ending, and counts until it is gone.
    return { failure: failure("quota", `The box's quota has no room for its pod: ${detail}`, true), graceMs: 75_000 };
  }
  return { failure: failure("forbidden", `The cluster refuses the box's pod: ${detail}`, false), graceMs: 10_000 };
}

const failure = (code: Failure["code"], message: string, retryable: boolean): Failure => ({
  code,
  message: message.slice(0, 1_000),
  retryable,
});

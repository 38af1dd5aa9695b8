import type { BoxHealth } from "../driver.ts";
import { podTrouble } from "./pod-trouble.ts";
import type { PodView } from "./views.ts";

/** The relevant pod: the newest that is not terminating. */
export function currentPod(pods: readonly PodView[]): PodView | undefined {
  const alive = pods.filter((pod) => !pod.metadata.deletionTimestamp);
  return alive.sort((a, b) => created(b) - created(a))[0];
}

const created = (pod: PodView): number => Date.parse(pod.metadata.creationTimestamp ?? "") || 0;

export const isReady = (pod: PodView): boolean =>
  pod.status.conditions.some(({ type, status }) => type === "Ready" && status === "True");

/** A starting pod's progress, in words. */
export function phaseOf(pods: readonly PodView[]): string {
  const pod = currentPod(pods);
  if (!pod) return pods.length > 0 ? "waiting for the previous pod to end" : "waiting for the pod";
  if (isReady(pod)) return "the gateway is ready";
  const [container] = pod.status.containerStatuses;
  if (container?.state?.running)
    return container.started ? "the gateway is running and warming up" : "the gateway is starting";
  if (container?.state?.waiting?.reason === "ContainerCreating") return "preparing the volume and the image";
  const scheduled = pod.status.conditions.some(({ type, status }) => type === "PodScheduled" && status === "True");
  return scheduled ? "preparing the volume and the image" : "waiting for a node";
}

/**
 * A box's health by its pod; `unknown` during the first start. A pod that was ready and isn't any more
 * has failed three probes in a row (desired/container.ts), or its node is lost.
 */
export function healthOf(pod: PodView): Omit<BoxHealth, "box_id"> {
  const restarts = Math.max(0, ...pod.status.containerStatuses.map(({ restartCount }) => restartCount));
  if (isReady(pod)) return { health: "healthy", code: null, reason: null, restarts };
  const trouble = podTrouble(pod);
  if (trouble) {
    const { code, message } = trouble.failure;
    return { health: "unhealthy", code, reason: message.slice(0, 500), restarts };
  }
  const wasUp = restarts > 0 || pod.status.containerStatuses.some(({ started }) => started);
  if (!wasUp && pod.status.phase !== "Failed")
    return { health: "unknown", code: null, reason: phaseOf([pod]), restarts };
  const reason = pod.status.reason ?? "the gateway is running but not ready";
  return { health: "unhealthy", code: "not_ready", reason, restarts };
}

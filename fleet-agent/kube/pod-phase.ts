import type { BoxHealth } from "../driver.ts";
import { podTrouble } from "./pod-trouble.ts";
import type { PodView } from "./views.ts";

/** The pod that counts: the newest that is not on its way out. */
export function currentPod(pods: readonly PodView[]): PodView | undefined {
  const alive = pods.filter((pod) => !pod.metadata.deletionTimestamp);
  return alive.sort((a, b) => created(b) - created(a))[0];
}

const created = (pod: PodView): number => Date.parse(pod.metadata.creationTimestamp ?? "") || 0;

export const isReady = (pod: PodView): boolean =>
  pod.status.conditions.some(({ type, status }) => type === "Ready" && status === "True");

/** How far a starting pod has come, in words. */
export function phaseOf(pods: readonly PodView[]): string {
  const pod = currentPod(pods);
  if (!pod) return pods.length > 0 ? "waiting for the pod before to end" : "waiting for the pod";
  if (isReady(pod)) return "the gateway is ready";
  const [container] = pod.status.containerStatuses;
  if (container?.state?.running) return container.started ? "the gateway runs and warms up" : "the gateway is starting";
  if (container?.state?.waiting?.reason === "ContainerCreating") return "preparing the volume and the image";
  const scheduled = pod.status.conditions.some(({ type, status }) => type === "PodScheduled" && status === "True");
  return scheduled ? "preparing the volume and the image" : "waiting for a node";
}

/** What a box's pods say about its health. `unknown` while it starts for the first time. */
export function healthOf(pods: readonly PodView[]): Omit<BoxHealth, "box_id"> {
  const pod = currentPod(pods);
  if (pod && isReady(pod)) return { health: "healthy", reason: null };
  const trouble = pod && podTrouble(pod);
  if (trouble) return { health: "unhealthy", reason: trouble.failure.message.slice(0, 500) };
  const wasUp = pod?.status.containerStatuses.some(({ started, restartCount }) => started || restartCount > 0);
  if (wasUp || pod?.status.phase === "Failed") {
    return { health: "unhealthy", reason: pod?.status.reason ?? "the gateway runs but is not ready" };
  }
  return { health: "unknown", reason: phaseOf(pods) };
}

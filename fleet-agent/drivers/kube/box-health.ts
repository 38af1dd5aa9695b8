import type { BoxHealth } from "../driver.ts";
import { nodeTrouble, type SeenNode } from "./seen-node.ts";
import type { SeenPod } from "./seen-pod.ts";

/** The health of every box that has a pod. `nodes` is undefined while they can't be seen. Pure. */
export function boxHealth(pods: Iterable<SeenPod>, nodes: readonly SeenNode[] | undefined): BoxHealth[] {
  const current = new Map<string, SeenPod>();
  for (const pod of pods) {
    if (pod.boxId === undefined) continue;
    const other = current.get(pod.boxId);
    if (!other || isNewer(pod, other)) current.set(pod.boxId, pod);
  }
  const byName = nodes && new Map(nodes.map((node) => [node.name, node]));
  return [...current].map(([box_id, pod]) => ({ box_id, ...healthOn(pod, byName) }));
}

/** The pod that counts: the newest that is not on its way out, if there is one. */
const isNewer = (one: SeenPod, other: SeenPod): boolean =>
  one.ending === other.ending ? one.createdAt > other.createdAt : other.ending;

/** A lost node says nothing about its pods: they may run, or not. */
function healthOn(pod: SeenPod, nodes: ReadonlyMap<string, SeenNode> | undefined): Omit<BoxHealth, "box_id"> {
  const trouble = nodeTrouble(pod.node, nodes);
  if (trouble) return { ...pod.health, health: "unhealthy", code: "node", reason: trouble };
  if (pod.ending) return { health: "unknown", reason: "waiting for the pod before to end" };
  return pod.health;
}

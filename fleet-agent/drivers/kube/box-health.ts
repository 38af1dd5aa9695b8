import type { BoxHealth } from "../driver.ts";
import { nodeTrouble, type SeenNode } from "./seen-node.ts";
import type { SeenPod } from "./seen-pod.ts";

/** The health of every box that has a pod. `nodes` is undefined while they can't be seen. Pure. */
export function boxHealth(pods: Iterable<SeenPod>, nodes: readonly SeenNode[] | undefined): BoxHealth[] {
  const byName = nodes && new Map(nodes.map((node) => [node.name, node]));
  return [...Map.groupBy(pods, ({ boxId }) => boxId)].flatMap(([box_id, own]) =>
    box_id === undefined ? [] : [{ box_id, ...healthOn(deciding(own), byName) }],
  );
}

/**
 * The relevant pod: the newest that is not terminating. If it has no node yet, the previous one, which keeps the volume
 * until it is gone.
 */
function deciding(pods: readonly SeenPod[]): SeenPod {
  const newest = pods.reduce((one, other) => (isNewer(other, one) ? other : one));
  return (newest.node === undefined && pods.find(({ ending }) => ending)) || newest;
}

const isNewer = (one: SeenPod, other: SeenPod): boolean =>
  one.ending === other.ending ? one.createdAt > other.createdAt : other.ending;

/** The pods of a lost node may or may not run. */
function healthOn(pod: SeenPod, nodes: ReadonlyMap<string, SeenNode> | undefined): Omit<BoxHealth, "box_id"> {
  const trouble = nodeTrouble(pod.node, nodes);
  if (trouble) return { ...pod.health, health: "unhealthy", code: "node", reason: trouble };
  if (pod.ending) return { health: "unknown", reason: "waiting for the previous pod to end" };
  return pod.health;
}

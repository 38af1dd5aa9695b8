import { boxIdOf } from "#schema/domain/ids.ts";
import type { BoxHealth } from "../driver.ts";
import { sleep } from "../retry.ts";
import { follow } from "./follow.ts";
import type { KubeClient } from "./kube-client.ts";
import { healthOf } from "./pod-phase.ts";
import { podsPath } from "./resource-path.ts";
import { POD_SELECTOR } from "./touch-pods.ts";
import { PodView } from "./views.ts";

export interface PodObserver {
  /** Health of every box that has a pod, from memory. */
  boxes(): BoxHealth[];
  stopped: Promise<void>;
}

/** After a failure that waiting alone doesn't mend, such as a missing right: somebody may give it. */
const TRY_AGAIN_MS = 30_000;

/**
 * Keeps all gateway pods of the cluster in view by one watch. `failed` is told each time that watching is impossible;
 * until it works again nothing is said of any box, rather than what was seen last.
 */
export function observePods(
  client: KubeClient,
  signal: AbortSignal,
  failed: (error: unknown) => void,
  againMs = TRY_AGAIN_MS,
): PodObserver {
  let pods: ReadonlyMap<string, PodView> = new Map();
  const changed = (items: ReadonlyMap<string, PodView>) => {
    pods = items;
  };
  const options = { client, path: podsPath(), labelSelector: POD_SELECTOR, view: PodView, signal, changed };
  const keepFollowing = async () => {
    while (!signal.aborted) {
      await follow(options).catch(failed);
      pods = new Map();
      await sleep(againMs, signal).catch(() => undefined);
    }
  };
  return { boxes: () => boxHealth([...pods.values()]), stopped: keepFollowing() };
}

/** Pods outside namespaces of boxes are not ours, whatever their labels say. */
export function boxHealth(pods: readonly PodView[]): BoxHealth[] {
  const byBox = Map.groupBy(pods, (pod) => boxIdOf(pod.metadata.namespace ?? ""));
  return [...byBox].flatMap(([box_id, own]) => (box_id ? [{ box_id, ...healthOf(own) }] : []));
}

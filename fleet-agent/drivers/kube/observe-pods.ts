import type { BoxHealth } from "../driver.ts";
import { boxHealth } from "./box-health.ts";
import { inform } from "./inform.ts";
import type { KubeClient } from "./kube-client.ts";
import { podsPath } from "./resource-path.ts";
import { NodeView } from "./seen-node.ts";
import { SeenPodView } from "./seen-pod.ts";
import { createToldReasons } from "./told-reasons.ts";
import { POD_SELECTOR } from "./touch-pods.ts";

export interface PodObserver {
  /** Health of every box that has a pod: from memory, and why from those that run and aren't ready. */
  boxes(): Promise<BoxHealth[]>;
  stopped: Promise<void>;
}

export interface ObserveOptions {
  client: KubeClient;
  signal: AbortSignal;
  /** Called each time that watching fails; until it works again, no health is reported. */
  failed(error: unknown): void;
  /** Called when something may have changed. */
  changed?: () => void;
  againMs?: number;
}

/** Keeps all gateway pods of the cluster and their nodes in memory, by two watches. */
export function observePods(options: ObserveOptions): PodObserver {
  const pods = inform({ ...options, path: podsPath(), labelSelector: POD_SELECTOR, view: SeenPodView });
  const nodes = inform({ ...options, path: "/api/v1/nodes", view: NodeView });
  const nodesNow = () => {
    const seen = nodes.items();
    return seen && [...seen.values()];
  };
  const withReasons = createToldReasons(options.client, options.signal);
  return {
    boxes: () => {
      const seen = [...(pods.items()?.values() ?? [])];
      return withReasons(boxHealth(seen, nodesNow()), seen);
    },
    stopped: Promise.all([pods.stopped, nodes.stopped]).then(() => undefined),
  };
}

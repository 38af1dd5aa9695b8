import * as z from "zod";
import { boxIdOf } from "#schema/domain/ids.ts";
import type { BoxHealth } from "../driver.ts";
import { healthOf, isReady } from "./pod-phase.ts";
import { PodView } from "./views.ts";

/** What to keep of a pod: there are thousands, and a whole one is several kilobytes. */
export interface SeenPod {
  name: string;
  /** Undefined outside namespaces of boxes: such pods are not ours, whatever their labels say. */
  boxId: string | undefined;
  createdAt: number;
  ending: boolean;
  ready: boolean;
  node: string | undefined;
  health: Omit<BoxHealth, "box_id">;
}

export const SeenPodView = PodView.extend({
  spec: z.object({ nodeName: z.string().optional() }).prefault({}),
}).transform(
  (pod): SeenPod => ({
    name: pod.metadata.name,
    boxId: boxIdOf(pod.metadata.namespace ?? ""),
    createdAt: Date.parse(pod.metadata.creationTimestamp ?? "") || 0,
    ending: pod.metadata.deletionTimestamp !== undefined,
    ready: isReady(pod),
    node: pod.spec.nodeName,
    health: healthOf(pod),
  }),
);

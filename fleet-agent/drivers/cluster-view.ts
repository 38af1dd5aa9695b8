import type { Kind, SeenObject } from "./kube/seen-object.ts";

/** The kinds of objects that a box consists of, but for its Secret, which the agent has no right to see. */
export const KINDS = [
  "Namespace",
  "Deployment",
  "NetworkPolicy",
  "ResourceQuota",
  "LimitRange",
  "ServiceAccount",
  "PersistentVolumeClaim",
] as const satisfies readonly Kind[];

/** What is in the cluster, from memory. */
export interface ClusterView {
  /** False before everything was listed, and while some kind can't be watched: then nothing may be concluded. */
  isWhole(): boolean;
  /** Boxes that have a namespace. */
  boxIds(): Iterable<string>;
  object(kind: Kind, boxId: string): SeenObject | undefined;
  /** What is in the box's namespace beside its own objects, in words for people. */
  foreign(boxId: string): string[];
  /** Told of each box of which something has changed. One listens at a time. */
  onChange(listener: (boxId: string) => void): void;
  /** Frees what was held for objects that are gone. */
  tidy(): void;
}

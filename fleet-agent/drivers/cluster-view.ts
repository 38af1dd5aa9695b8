import type { Kind, SeenObject } from "./kube/seen-object.ts";

/** The kinds of a box's objects, except its Secret, which the agent may not read. */
export const KINDS = [
  "Namespace",
  "Deployment",
  "NetworkPolicy",
  "ResourceQuota",
  "LimitRange",
  "ServiceAccount",
  "PersistentVolumeClaim",
] as const satisfies readonly Kind[];

/** The cluster's objects, from memory. */
export interface ClusterView {
  /** False before everything was listed and while some kind can't be watched: then nothing may be concluded. */
  isWhole(): boolean;
  /** Boxes that have a namespace. */
  boxIds(): Iterable<string>;
  object(kind: Kind, boxId: string): SeenObject | undefined;
  /** Foreign objects in the box's namespace, in words for operators. */
  foreign(boxId: string): string[];
  /** Called for each box with a change. Only one listener at a time. */
  onChange(listener: (boxId: string) => void): void;
  /** Frees memory of deleted objects. */
  tidy(): void;
}

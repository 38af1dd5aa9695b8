import * as z from "zod";
import type { KubeObject } from "../desired/kube-object.ts";
import { collectionPath } from "./resource-path.ts";
import { ObjectView } from "./views.ts";
import { read, remove, type Writer } from "./write.ts";

/**
 * Kinds of which a box has one object, and everything else in its namespace goes, whoever has made it: an older version of
 * this program, or somebody else. Not volumes: an agent's memory is only ever removed with its box. Not Secrets: the agent
 * has no right to read them.
 */
export const PRUNED = ["Deployment", "NetworkPolicy", "ResourceQuota", "LimitRange", "ServiceAccount"] as const;

export const isPruned = (kind: KubeObject["kind"]): boolean => PRUNED.some((pruned) => pruned === kind);

/** Kubernetes makes an account of this name in every namespace. */
export const DEFAULT_ACCOUNT = "default";

const Items = z.object({ items: z.array(ObjectView) });

/** A box's namespace and what is desired there, by the holder of `fence`. */
export interface Wanted {
  namespace: string;
  objects: readonly KubeObject[];
  fence: number;
}

/** Removes what is in the box's namespace and not desired; returns how many objects that were. */
export async function prune(writer: Writer, wanted: Wanted): Promise<number> {
  const removed = await Promise.all(PRUNED.map((kind) => pruneKind(writer, kind, wanted)));
  return removed.reduce((sum, count) => sum + count, 0);
}

async function pruneKind(
  writer: Writer,
  kind: (typeof PRUNED)[number],
  { namespace, objects, fence }: Wanted,
): Promise<number> {
  const collection = collectionPath(kind, namespace);
  const unwanted = unwantedOf(kind, await read(writer, collection), objects);
  await Promise.all(unwanted.map((seen) => remove(writer, `${collection}/${seen.metadata.name}`, seen, fence)));
  return unwanted.length;
}

/** Of a list of this kind, what is not desired. */
export function unwantedOf(kind: KubeObject["kind"], list: unknown, objects: readonly KubeObject[]): ObjectView[] {
  const wanted = new Set(objects.filter((object) => object.kind === kind).map((object) => object.metadata.name));
  if (kind === "ServiceAccount") wanted.add(DEFAULT_ACCOUNT);
  return Items.parse(list).items.filter(({ metadata }) => !wanted.has(metadata.name));
}

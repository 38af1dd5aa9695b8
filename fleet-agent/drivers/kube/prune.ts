import type { KubeObject } from "../desired/kube-object.ts";
import { allEnded } from "./all-ended.ts";
import { collectionPath } from "./resource-path.ts";
import { ObjectList, type ObjectView } from "./views.ts";
import { read, remove, type Writer } from "./write.ts";

/**
 * Kinds of which a box has one object; all others in its namespace are removed, whether an older version of
 * this program or somebody else made them. Not volumes: memory is removed only with its box. Not Secrets: the agent
 * may not read them.
 */
export const PRUNED = ["Deployment", "NetworkPolicy", "ResourceQuota", "LimitRange", "ServiceAccount"] as const;

export const isPruned = (kind: KubeObject["kind"]): boolean => PRUNED.some((pruned) => pruned === kind);

/** Kubernetes makes an account of this name in every namespace. */
export const DEFAULT_ACCOUNT = "default";

/** A box's namespace and its desired objects, by the holder of `fence`. */
export interface Wanted {
  namespace: string;
  objects: readonly KubeObject[];
  fence: number;
}

/** Removes undesired objects from the box's namespace; returns their number. */
export async function prune(writer: Writer, wanted: Wanted): Promise<number> {
  const removed = await allEnded(PRUNED.map((kind) => pruneKind(writer, kind, wanted)));
  return removed.reduce((sum, count) => sum + count, 0);
}

async function pruneKind(
  writer: Writer,
  kind: (typeof PRUNED)[number],
  { namespace, objects, fence }: Wanted,
): Promise<number> {
  const collection = collectionPath(kind, namespace);
  const unwanted = unwantedOf(kind, await read(writer, collection), objects);
  await allEnded(unwanted.map((seen) => remove(writer, `${collection}/${seen.metadata.name}`, seen, fence)));
  return unwanted.length;
}

/** The undesired objects of a list of this kind. */
export function unwantedOf(kind: KubeObject["kind"], list: unknown, objects: readonly KubeObject[]): ObjectView[] {
  const wanted = new Set(objects.filter((object) => object.kind === kind).map((object) => object.metadata.name));
  if (kind === "ServiceAccount") wanted.add(DEFAULT_ACCOUNT);
  return ObjectList.parse(list).items.filter(({ metadata }) => !wanted.has(metadata.name));
}

import * as z from "zod";
import type { KubeObject } from "../desired/kube-object.ts";
import { MANAGED_BY } from "../desired/metadata.ts";
import { collectionPath } from "./resource-path.ts";
import { ObjectView } from "./views.ts";
import { read, remove, type Writer } from "./write.ts";

/**
 * Kinds that an older version of this program may have left behind under another name. Not volumes: an agent's
 * memory is only ever removed with its box. Not Secrets: the agent has no right to read them.
 */
const PRUNED = ["Deployment", "NetworkPolicy", "ResourceQuota", "LimitRange", "ServiceAccount"] as const;

const Items = z.object({ items: z.array(ObjectView) });

/** A box's namespace and what is desired there, by the holder of `fence`. */
export interface Wanted {
  namespace: string;
  objects: readonly KubeObject[];
  fence: number;
}

/** Removes what carries our label in the box's namespace and is not desired; returns how many objects that were. */
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
  const labelSelector = `app.kubernetes.io/managed-by=${MANAGED_BY}`;
  const { items } = Items.parse(await read(writer, collection, { labelSelector }));
  const wanted = new Set(objects.filter((object) => object.kind === kind).map((object) => object.metadata.name));
  const unwanted = items.filter(({ metadata }) => !wanted.has(metadata.name));
  await Promise.all(unwanted.map((seen) => remove(writer, `${collection}/${seen.metadata.name}`, seen, fence)));
  return unwanted.length;
}

import { type ClusterView, KINDS } from "../cluster-view.ts";
import { MANAGED_BY, NAME } from "../desired/metadata.ts";
import type { Change } from "./follow.ts";
import { inform } from "./inform.ts";
import type { KubeClient } from "./kube-client.ts";
import { collectionPath } from "./resource-path.ts";
import { type Kind, type SeenObject, seenObjectView } from "./seen-object.ts";
import { createSharedTexts } from "./shared-texts.ts";

export interface WatchOptions {
  client: KubeClient;
  signal: AbortSignal;
  /** Told each time that a kind can't be watched. */
  failed(error: unknown): void;
  againMs?: number;
}

/**
 * Keeps every object that boxes consist of in view, by one watch a kind over all namespaces. Secrets are asked for by the
 * one name that ours have, and for their metadata only: the agent has no right to see others, and no use for their data.
 */
export function watchBoxes(options: WatchOptions): ClusterView & { stopped: Promise<void> } {
  const texts = createSharedTexts();
  const byBox = new Map<Kind, Map<string, SeenObject>>(KINDS.map((kind) => [kind, new Map()]));
  let listener: (boxId: string) => void = () => undefined;

  let after: Promise<void> | undefined;
  const informers = KINDS.map((kind) => {
    const seen = byBox.get(kind) ?? new Map<string, SeenObject>();
    const changed = (items: ReadonlyMap<string, SeenObject>, one?: Change<SeenObject>) => {
      for (const boxId of one ? put(seen, one) : replace(seen, items.values())) listener(boxId);
    };
    const view = seenObjectView(kind, texts.share);
    const labelSelector = `app.kubernetes.io/managed-by=${MANAGED_BY}`;
    const own = kind === "Secret" ? { fieldSelector: `metadata.name=${NAME}`, metadataOnly: true } : {};
    const informer = inform({ ...options, path: collectionPath(kind), labelSelector, ...own, view, changed, after });
    after = informer.tried;
    return informer;
  });

  return {
    isWhole: () => informers.every((informer) => informer.items() !== undefined),
    boxIds: () => byBox.get("Namespace")?.keys() ?? [],
    object: (kind, boxId) => byBox.get(kind)?.get(boxId),
    onChange: (listen) => {
      listener = listen;
    },
    tidy: () => texts.keepOnly(textsOf(byBox)),
    stopped: Promise.all(informers.map(({ stopped }) => stopped)).then(() => undefined),
  };
}

/** Which boxes it concerns. */
function put(seen: Map<string, SeenObject>, { item, gone }: Change<SeenObject>): string[] {
  if (item.boxId === undefined) return [];
  if (gone) seen.delete(item.boxId);
  else seen.set(item.boxId, item);
  return [item.boxId];
}

/** After a list, only what is otherwise than before concerns anybody. */
function replace(seen: Map<string, SeenObject>, items: Iterable<SeenObject>): string[] {
  const before = new Map(seen);
  seen.clear();
  for (const item of items) if (item.boxId !== undefined) seen.set(item.boxId, item);
  const touched = [...seen].filter(([boxId, item]) => before.get(boxId)?.content !== item.content);
  const lost = [...before.keys()].filter((boxId) => !seen.has(boxId));
  return [...touched.map(([boxId]) => boxId), ...lost];
}

function* textsOf(byBox: ReadonlyMap<Kind, ReadonlyMap<string, SeenObject>>): Generator<string> {
  for (const seen of byBox.values()) {
    for (const { content, wanted } of seen.values()) {
      yield content;
      if (wanted !== undefined) yield wanted;
    }
  }
}

import { type ClusterView, KINDS } from "../cluster-view.ts";
import { MANAGED_BY } from "../desired/metadata.ts";
import type { Change } from "./follow.ts";
import { inform } from "./inform.ts";
import type { KubeClient } from "./kube-client.ts";
import { DEFAULT_ACCOUNT, isPruned } from "./prune.ts";
import { collectionPath } from "./resource-path.ts";
import { SeenKind } from "./seen-kind.ts";
import { type Kind, type SeenObject, seenObjectView } from "./seen-object.ts";
import { createSharedTexts } from "./shared-texts.ts";

export interface WatchOptions {
  client: KubeClient;
  signal: AbortSignal;
  /** Told each time that a kind can't be watched. */
  failed(error: unknown): void;
  againMs?: number;
}

/** Keeps all boxes' objects except Secrets in memory, by one watch a kind over all namespaces. */
export function watchBoxes(options: WatchOptions): ClusterView & { stopped: Promise<void> } {
  const texts = createSharedTexts();
  const byKind = new Map<Kind, SeenKind>(KINDS.map((kind) => [kind, new SeenKind()]));
  let listener: (boxId: string) => void = () => undefined;

  let after: Promise<void> | undefined;
  const informers = KINDS.map((kind) => {
    const seen = byKind.get(kind) ?? new SeenKind();
    const changed = (items: ReadonlyMap<string, SeenObject>, one?: Change<SeenObject>) => {
      for (const boxId of one ? seen.put(one) : seen.replace(items.values())) listener(boxId);
    };
    const view = seenObjectView(kind, texts.share);
    const informer = inform({ ...options, path: collectionPath(kind), ...selectors(kind), view, changed, after });
    after = informer.tried;
    return informer;
  });

  return {
    isWhole: () => informers.every((informer) => informer.items() !== undefined),
    boxIds: () => byKind.get("Namespace")?.own.keys() ?? [],
    object: (kind, boxId) => byKind.get(kind)?.own.get(boxId),
    foreign: (boxId) =>
      [...byKind].flatMap(([kind, { foreign }]) => [...(foreign.get(boxId) ?? [])].map((name) => `${kind} ${name}`)),
    onChange: (listen) => {
      listener = listen;
    },
    tidy: () => texts.keepOnly(textsOf(byKind)),
    stopped: Promise.all(informers.map(({ stopped }) => stopped)).then(() => undefined),
  };
}

/**
 * Watches all objects of these kinds, not only those with our label, to find foreign ones. The account `default`
 * is Kubernetes' own, in every namespace.
 */
function selectors(kind: Kind): { labelSelector?: string; fieldSelector?: string } {
  if (kind === "ServiceAccount") return { fieldSelector: `metadata.name!=${DEFAULT_ACCOUNT}` };
  return isPruned(kind) ? {} : { labelSelector: `app.kubernetes.io/managed-by=${MANAGED_BY}` };
}

function* textsOf(byKind: ReadonlyMap<Kind, SeenKind>): Generator<string> {
  for (const { own } of byKind.values()) {
    for (const { content, wanted } of own.values()) {
      yield content;
      if (wanted !== undefined) yield wanted;
    }
  }
}

import type { ListedBox } from "#schema/contracts/comparison.ts";
import { type ClusterView, KINDS } from "../../drivers/cluster-view.ts";
import type { Expectation, Expectations } from "../../drivers/expectations.ts";
import type { Kind, SeenObject } from "../../drivers/kube/seen-object.ts";

export interface BoxDrift {
  /** What has drifted, in words for operators. */
  found: string[];
  /** Kinds that we would write differently today, because of another agent version or other settings. */
  outdated: Kind[];
  /** The cluster is newer than the list: nothing is known of the box until the next list. */
  stale: boolean;
}

const NOTHING: BoxDrift = { found: [], outdated: [], stale: false };

/** Compares one box with its objects in the cluster. Pure. */
export function boxDrift(view: ClusterView, box: ListedBox, expected: Expectations): BoxDrift {
  const seen = KINDS.map((kind) => [kind, view.object(kind, box.box_id)] as const);
  if (seen.some(([, object]) => object && object.generation > box.generation)) return { ...NOTHING, stale: true };
  const found: string[] = [];
  const outdated: Kind[] = [];
  for (const [kind, object] of seen) {
    const what = wrongWith(object, expected.get(kind), box.generation);
    if (what === "outdated") outdated.push(kind);
    else if (what) found.push(`${kind}: ${what}`);
  }
  for (const what of view.foreign(box.box_id)) found.push(`${what}: is foreign`);
  if (box.observed_generation < box.generation) found.push(`it has not reached generation ${box.generation}`);
  return { found, outdated, stale: false };
}

/** Whether the box has anything in the cluster. */
export const isMissing = (view: ClusterView, { box_id }: ListedBox): boolean =>
  view.object("Namespace", box_id) === undefined;

function wrongWith(
  object: SeenObject | undefined,
  expected: Expectation | undefined,
  generation: number,
): string | undefined {
  if (!object) return "is gone";
  if (object.ending) return "is being removed";
  if (object.generation < generation) return `is of generation ${object.generation}, not ${generation}`;
  if (!expected) return undefined;
  if (object.wanted !== expected.wanted) return "outdated";
  return expected.stored !== undefined && object.content !== expected.stored ? "was changed" : undefined;
}

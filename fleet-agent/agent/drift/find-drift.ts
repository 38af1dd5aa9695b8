import type { Drift, ListedBox } from "#schema/contracts/comparison.ts";
import type { ClusterView } from "../../drivers/cluster-view.ts";
import type { Expectations } from "../../drivers/expectations.ts";
import { boxDrift, isMissing } from "./box-drift.ts";

export interface Findings {
  /** Boxes that have a namespace in the cluster. */
  present: number;
  missing: Drift[];
  differing: Drift[];
  /** Boxes that we would write differently today. */
  outdated: string[];
  /** Boxes that are in the cluster and not in the list. */
  strays: string[];
}

const WHOLLY_MISSING = "the box is not in the cluster";
/** The most findings of a box in one report. */
const MOST = 20;

/**
 * Compares the boxes that should be in a cluster with its objects, from memory; only unknown expectations need a dry run
 * (`expect`). Skips boxes that a job is working on. The caller has made sure that the list and the view are
 * complete.
 */
export async function findDrift(
  view: ClusterView,
  list: readonly ListedBox[],
  expect: (box: ListedBox) => Promise<Expectations>,
): Promise<Findings> {
  const listed = new Set(list.map(({ box_id }) => box_id));
  const present = [...view.boxIds()];
  const strays = present.filter((id) => !listed.has(id) && !view.object("Namespace", id)?.ending);
  const findings: Findings = { present: present.length, missing: [], differing: [], outdated: [], strays };
  for (const box of list) if (!box.busy && box.status !== "destroyed") await findBoxDrift(view, box, expect, findings);
  return findings;
}

async function findBoxDrift(
  view: ClusterView,
  box: ListedBox,
  expect: (box: ListedBox) => Promise<Expectations>,
  findings: Findings,
): Promise<void> {
  const { box_id, generation } = box;
  if (isMissing(view, box)) {
    findings.missing.push({ box_id, generation, found: [WHOLLY_MISSING] });
    return;
  }
  const { found, outdated } = boxDrift(view, box, await expect(box));
  if (outdated.length > 0) findings.outdated.push(box_id);
  if (found.length > 0) findings.differing.push({ box_id, generation, found: found.slice(0, MOST) });
}

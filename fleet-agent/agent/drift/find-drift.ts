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
/** The most of a box that a report holds. */
const MOST = 20;

/**
 * Compares all that should be in a cluster with all that is, from memory alone; only what was never asked before is asked
 * of the API server (`expect`). A box that a job is at work on is passed over. The caller has made sure that the list is
 * whole, and so is the view.
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

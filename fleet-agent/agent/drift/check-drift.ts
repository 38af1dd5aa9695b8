import type { Drift, ListedBox } from "#schema/contracts/comparison.ts";
import type { Expectations } from "../../drivers/expectations.ts";
import type { EdgeClient } from "../edge/edge-client.ts";
import { changedSecrets, type SecretsOptions } from "./changed-secrets.ts";
import { fetchList } from "./fetch-list.ts";
import { findDrift } from "./find-drift.ts";
import type { KnownBoxes } from "./known-boxes.ts";
import { reportDrift } from "./report-drift.ts";

export interface DriftOptions extends SecretsOptions {
  edge: Pick<EdgeClient, "boxes" | "drift" | "compared">;
  expect: (box: ListedBox) => Promise<Expectations>;
  known: KnownBoxes;
}

/**
 * One full comparison: fetches the list of boxes, compares, requests repairs, and reports boxes that are not in the
 * list. True if something was left for later and should be checked again soon.
 */
export async function checkDrift(options: DriftOptions): Promise<boolean> {
  const { edge, view, expect, known, log, signal } = options;
  const startedAt = performance.now();
  const list = await fetchList(edge, signal);
  known.replace(list, startedAt);
  const findings = await findDrift(view, list, expect);
  const wrong = [...findings.missing, ...findings.differing];
  const changed = await changedSecrets(options, restOf(list, wrong));
  findings.differing.push(...changed);
  const seconds = (performance.now() - startedAt) / 1_000;
  const verdicts = await reportDrift(edge, log, [...wrong, ...changed], signal);
  const { missing, differing, outdated, strays, present } = findings;
  const figures = { boxes: list.length, missing: missing.length, differing: differing.length, seconds };
  const answer = await edge.compared({ present, strays, outdated, figures }, signal);
  const counts = { present, ...figures, outdated: outdated.length, strays: strays.length };
  log.info({ ...counts, ...answer }, "the cluster was compared");
  if (answer.held_back > 0)
    log.error({ boxes: answer.held_back }, "too many boxes would be removed: an operator must confirm");
  view.tidy();
  return verdicts.some(({ verdict }) => verdict === "later");
}

/** Boxes without visible drift. */
function restOf(list: readonly ListedBox[], wrong: readonly Drift[]): ListedBox[] {
  const known = new Set(wrong.map(({ box_id }) => box_id));
  return list.filter(({ box_id, busy, status }) => !busy && status !== "destroyed" && !known.has(box_id));
}

import { sleep } from "#cluster/system/retry.ts";
import type { Drift } from "#schema/contracts/comparison.ts";
import { boxDrift } from "./box-drift.ts";
import type { DriftOptions } from "./check-drift.ts";
import { reportDrift } from "./report-drift.ts";

export interface WatchOptions extends DriftOptions {
  /** How long what changes together is gathered; our own writes of a job come within it. */
  gatherMs?: number;
  /** When a box is looked at again that could not be repaired yet. */
  laterMs?: number;
}

/**
 * Looks at every box of which something changes, and has repaired what somebody else has done to it: within seconds, where
 * a full comparison would take minutes. Ends when `signal` aborts.
 */
export async function watchDrift(options: WatchOptions): Promise<void> {
  const { view, known, log, signal, gatherMs = 1_000 } = options;
  /** When to look at a box, by this machine's clock. */
  const due = new Map<string, number>();
  view.onChange((boxId) => due.set(boxId, performance.now() + gatherMs));
  while (!signal.aborted) {
    await sleep(gatherMs, signal).catch(() => undefined);
    const now = performance.now();
    // What changes while a job writes is looked at when the job has ended, and its last writes have come in.
    const isRipe = (boxId: string, at: number) => Math.max(at, known.restingSince(boxId) + gatherMs) <= now;
    const ripe = [...due].filter(([boxId, at]) => isRipe(boxId, at)).map(([boxId]) => boxId);
    if (ripe.length === 0 || !view.isWhole()) continue;
    for (const boxId of ripe) due.delete(boxId);
    await look(options, ripe, due).catch((error: unknown) => {
      // The next full comparison finds it.
      if (!signal.aborted) log.warn({ err: error }, "a change in the cluster could not be reported");
    });
  }
}

async function look(options: WatchOptions, boxIds: readonly string[], due: Map<string, number>): Promise<void> {
  const { edge, log, signal, laterMs = 60_000 } = options;
  const wrong: Drift[] = [];
  for (const boxId of boxIds) {
    const found = await drifted(options, boxId);
    if (found) wrong.push(found);
  }
  if (wrong.length === 0) return;
  for (const { box_id, verdict } of await reportDrift(edge, log, wrong, signal)) {
    if (verdict === "later" || verdict === "busy") due.set(box_id, performance.now() + laterMs);
  }
}

/** Only boxes that should be as they are known to be: not those whose job the edge has yet to hand out. */
async function drifted({ view, known, expect }: WatchOptions, boxId: string): Promise<Drift | undefined> {
  const box = known.get(boxId);
  if (!box || box.busy || box.status === "destroyed") return undefined;
  const { found } = boxDrift(view, box, await expect(box));
  return found.length > 0 ? { box_id: boxId, generation: box.generation, found: found.slice(0, 20) } : undefined;
}

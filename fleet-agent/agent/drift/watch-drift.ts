import { sleep } from "#cluster/system/retry.ts";
import type { Drift } from "#schema/contracts/comparison.ts";
import { boxDrift } from "./box-drift.ts";
import type { DriftOptions } from "./check-drift.ts";
import { reportDrift } from "./report-drift.ts";

export interface WatchOptions extends DriftOptions {
  /** How long changes are collected; longer than a job's own writes take. */
  gatherMs?: number;
  /** When to check a box again that could not be repaired yet. */
  laterMs?: number;
}

/**
 * Checks every box with a changed object and requests repairs of drift: within seconds, while
 * a full comparison may be minutes away. Ends when `signal` aborts.
 */
export async function watchDrift(options: WatchOptions): Promise<void> {
  const { view, known, log, signal, gatherMs = 1_000 } = options;
  /** When to check a box, by this machine's clock. */
  const due = new Map<string, number>();
  view.onChange((boxId) => due.set(boxId, performance.now() + gatherMs));
  while (!signal.aborted) {
    await sleep(gatherMs, signal).catch(() => undefined);
    const now = performance.now();
    // Changes during a job are checked when the job has ended and its last writes are in view.
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

/** Only boxes whose state is known: not those with a job that the edge has yet to grant. */
async function drifted({ view, known, expect }: WatchOptions, boxId: string): Promise<Drift | undefined> {
  const box = known.get(boxId);
  if (!box || box.busy || box.status === "destroyed") return undefined;
  const { found } = boxDrift(view, box, await expect(box));
  return found.length > 0 ? { box_id: boxId, generation: box.generation, found: found.slice(0, 20) } : undefined;
}

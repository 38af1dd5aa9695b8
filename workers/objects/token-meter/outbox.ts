/** Brings settled events to the ledger: at least once, in order, for as long as it takes. */
import type { Ledger } from "../../contracts/meter.ts";
import { BATCH } from "./batch-writer.ts";
import type { MeterStore } from "./store/store.ts";

const MAX_BATCHES = 20;
const FIRST_BACKOFF_MS = 2_000;
const MAX_BACKOFF_MS = 60_000;

/**
 * Writes batches until nothing waits; gives up at the first that fails, keeps it, and returns false.
 * @param recorded called after each batch: has to clear away the events up to that number
 */
export async function flush(store: MeterStore, ledger: Ledger, recorded: (upTo: number) => void): Promise<boolean> {
  for (let round = 0; round < MAX_BATCHES; round++) {
    const batch = store.events.next(BATCH);
    if (batch.events.length === 0) break;
    try {
      await ledger.record(batch.events);
    } catch {
      return false;
    }
    recorded(batch.upTo);
    // What has come meanwhile gathers anew.
    if (batch.events.length < BATCH) break;
  }
  return await announce(store, ledger);
}

async function announce(store: MeterStore, ledger: Ledger): Promise<boolean> {
  if (store.notices.waiting() === 0) return true;
  try {
    for (const notice of store.notices.unannounced()) {
      await ledger.announce(notice);
      store.notices.keepAnnounced(notice.periodStart);
    }
    return true;
  } catch {
    return false;
  }
}

/** How long to wait after so many failures in a row: longer and longer. */
export const backoff = (failures: number): number => Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures - 1));

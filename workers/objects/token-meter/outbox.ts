/** Brings settled events to the ledger: at least once, in order, for as long as it takes. */
import type { Ledger } from "../../contracts/meter.ts";
import { BATCH } from "./batch-writer.ts";
import type { MeterStore } from "./store/store.ts";

const MAX_BATCHES = 20;
const FIRST_BACKOFF_MS = 2_000;
const MAX_BACKOFF_MS = 60_000;

/**
 * Writes batches until nothing waits; stops at the first failure, keeps that batch, and returns false.
 * @param recorded called after each batch: must delete the events up to that number
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
    // Events that arrived meanwhile form a new batch.
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

/** How long to wait after this many failures in a row. */
export const backoff = (failures: number): number => Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures - 1));

/** Brings settled events to the ledger: at least once, in order, for as long as it takes. */
import type { Books } from "./books.ts";
import type { MeterStore } from "./store.ts";

/** An event waits at most this long for others to share its statement. */
export const FLUSH_AFTER_MS = 2_000;
/** So many events go at once, without waiting. */
export const BATCH = 100;
const MAX_BATCHES = 20;
const MAX_BACKOFF_MS = 60_000;

export interface Flushed {
  ok: boolean;
  written: number;
}

/** Writes batches until the outbox is empty; gives up at the first that fails and keeps it. */
export async function flush(store: MeterStore, books: Books): Promise<Flushed> {
  let written = 0;
  for (let round = 0; round < MAX_BATCHES; round++) {
    const batch = store.events(BATCH);
    if (batch.length === 0) break;
    try {
      await books.record(batch.map((one) => one.event));
    } catch {
      return { ok: false, written };
    }
    store.dropEvents(batch.map((one) => one.seq));
    written += batch.length;
  }
  return { ok: await tell(store, books), written };
}

async function tell(store: MeterStore, books: Books): Promise<boolean> {
  try {
    for (const notice of store.untold()) {
      await books.announce(notice);
      store.keepTold(notice.periodStart);
    }
    return true;
  } catch {
    return false;
  }
}

/** When the next flush is due: soon for a full batch, later and later while the database does not answer. */
export function flushDelay(pending: number, failures: number): number {
  if (failures > 0) return Math.min(MAX_BACKOFF_MS, FLUSH_AFTER_MS * 2 ** (failures - 1));
  return pending >= BATCH ? 0 : FLUSH_AFTER_MS;
}

/** One meter's booked usage on its way to the ledger: by the isolate's shared post, else by the object itself. */
import type { Ledger } from "../../contracts/meter.ts";
import { BATCH, batchWriter } from "./batch-writer.ts";
import { flush } from "./outbox.ts";
import type { MeterStore } from "./store/store.ts";

/** How much longer than the post waits for company an object trusts it. */
const TRUST_MS = 1_000;
/** So many events that the ledger has are cleared away at once. */
const CLEAR_AT = 64;

export interface DeliveryOptions {
  store: MeterStore;
  ledger(): Ledger;
  /** Done when all that was written so far is on disk. */
  sync(): Promise<void>;
  /** Called when a flush has ended, however: has to call `schedule`. */
  flushed(): void;
}

export interface Delivery {
  /** Takes what was booked since the last time, and looks after it. */
  schedule(): void;
  /** Writes everything that waits, one flush at a time: whoever comes meanwhile waits for it. Fails only with the storage. */
  flush(): Promise<void>;
  /** Clears away what the ledger is known to have. */
  clear(): void;
  /** Flushes in a row that failed. */
  failures(): number;
}

export function createDelivery({ store, ledger, sync, flushed }: DeliveryOptions): Delivery {
  /** The post has not got everything: some of it was left by an earlier life, or was returned. */
  let alone = store.pending() > 0;
  /** Numbers of the newest events that the ledger has, and that are cleared away. */
  let written = 0;
  let cleared = 0;
  /** The number of the newest event when last nothing waited any more. */
  let drained = 0;
  let failures = 0;
  let flushing: Promise<void> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Nothing is handed over that a crash could still take back. */
  async function enqueue(): Promise<void> {
    const fresh = store.events.takeFresh();
    if (fresh.length === 0 || alone) return;
    await sync();
    for (const { seq, event } of fresh) {
      batchWriter(ledger()).enqueue({
        event,
        wanted: () => !alone && seq > drained,
        written: () => {
          // After a return the object writes all of them: an earlier one must not be cleared away with this one.
          if (!alone) written = Math.max(written, seq);
        },
        returned,
      });
    }
  }

  const returned = (): void => {
    alone = true;
  };

  function clear(): void {
    if (written <= cleared) return;
    store.written(written);
    cleared = written;
  }

  function lookSoon(): void {
    if (flushing || timer || failures > 0 || store.pending() === 0) return;
    const expected = store.events.last();
    const look = (): void => {
      timer = undefined;
      const late = written < expected || store.notices.waiting() > 0;
      if (alone || late) {
        void flushOnce();
        return;
      }
      clear();
      lookSoon();
    };
    const trust = alone ? 0 : TRUST_MS;
    const full = alone && store.pending() >= BATCH;
    timer = setTimeout(look, full ? 0 : ledger().gatherMs() + trust);
  }

  function flushOnce(): Promise<void> {
    flushing ??= write().finally(() => {
      flushing = undefined;
      flushed();
    });
    return flushing;
  }

  async function write(): Promise<void> {
    clear();
    // What is booked meanwhile would come to the post while older events still wait here.
    alone = true;
    const ok = await flush(store, ledger());
    alone = store.pending() > 0;
    if (!alone) drained = store.events.last();
    failures = ok ? 0 : failures + 1;
    if (!ok) console.warn(JSON.stringify({ event: "usage_flush_failed", failures }));
  }

  return {
    schedule() {
      enqueue().catch(returned);
      if (written - cleared >= CLEAR_AT) clear();
      lookSoon();
    },
    flush: flushOnce,
    clear,
    failures: () => failures,
  };
}

/** Keeps the copy of the customer's rows: decides when it is read again, and which of several readings is kept. */
import type { Caller, MeterSnapshot } from "../../contracts/meter.ts";
import type { MeterStore } from "./store/store.ts";

/** A hash that the copy doesn't hold, or a period that is over, makes it read again at most this often. */
const REREAD_MS = 10_000;

export interface SnapshotCache {
  /** Undefined before the first reading. */
  current(): MeterSnapshot | undefined;
  /** Reads anew, whatever is known; fails when Postgres does. */
  reload(customerId: string): Promise<void>;
  /** The copy to judge this caller by; undefined where there is none and none can be had. */
  forCaller(caller: Caller, now: number): Promise<MeterSnapshot | undefined>;
}

type Load = (customerId: string) => Promise<MeterSnapshot | undefined>;

/** `onNew`: called with every copy that replaces another. */
export function createSnapshotCache(
  store: MeterStore,
  load: Load,
  onNew: (snapshot: MeterSnapshot) => void,
): SnapshotCache {
  let current: MeterSnapshot | undefined;
  let started = 0;
  let kept = 0;
  let lastReread = Number.NEGATIVE_INFINITY;
  let rereading: Promise<void> | undefined;

  const held = (): MeterSnapshot | undefined => {
    current ??= store.snapshot();
    return current;
  };

  /** A reading that began before one already kept may be older than a revocation: it is dropped. */
  async function reload(customerId: string): Promise<void> {
    const turn = ++started;
    const snapshot = (await load(customerId)) ?? nobody(customerId);
    if (turn < kept) return;
    kept = turn;
    store.keepSnapshot(snapshot);
    current = snapshot;
    onNew(snapshot);
  }

  /** Everybody who needs a fresh copy at the same time waits for one reading. Its failure leaves the copy as it is. */
  async function reread(customerId: string, now: number): Promise<void> {
    if (!rereading && now - lastReread < REREAD_MS) return;
    lastReread = rereading ? lastReread : now;
    rereading ??= reload(customerId)
      .catch(() => undefined)
      .finally(() => {
        rereading = undefined;
      });
    await rereading;
  }

  return {
    current: held,
    reload,
    async forCaller({ customerId, hash }, now) {
      const snapshot = held();
      if (!snapshot || isStale(snapshot, hash, now)) await reread(customerId, now);
      return held();
    },
  };
}

function isStale({ tokens, period }: MeterSnapshot, hash: string, now: number): boolean {
  return !tokens.some((token) => token.hash === hash) || (period !== null && now >= period.end);
}

/** A genuine token whose customer is gone: everything is refused. */
function nobody(customerId: string): MeterSnapshot {
  return {
    customerId,
    language: "en",
    limit: 0,
    maxOutputTokens: 0,
    period: null,
    billedByStripe: false,
    tokens: [],
    booked: [],
  };
}

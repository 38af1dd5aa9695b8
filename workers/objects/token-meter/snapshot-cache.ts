/** Caches the snapshot of the customer's rows: decides when to read it again, and which of several readings to keep. */
import type { Caller, MeterSnapshot } from "../../contracts/meter.ts";
import type { MeterStore } from "./store/store.ts";

/** An unknown hash or an ended period causes a new reading at most this often. */
const REREAD_MS = 10_000;

export interface SnapshotCache {
  /** Undefined before the first reading. */
  current(): MeterSnapshot | undefined;
  /** Always reads again; fails if Postgres does. */
  reload(customerId: string): Promise<void>;
  /** The snapshot for this caller; undefined if there is none and none can be read. */
  forCaller(caller: Caller, now: number): Promise<MeterSnapshot | undefined>;
}

type Load = (customerId: string) => Promise<MeterSnapshot | undefined>;

/** `onNew`: called with every new snapshot. */
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

  /** Drops a reading that began before the kept one, because it may be older than a revocation. */
  async function reload(customerId: string): Promise<void> {
    const turn = ++started;
    const snapshot = (await load(customerId)) ?? nobody(customerId);
    if (turn < kept) return;
    kept = turn;
    store.keepSnapshot(snapshot);
    current = snapshot;
    onNew(snapshot);
  }

  /** Concurrent callers share one reading. If it fails, the snapshot stays as it is. */
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

/** For a genuine token without a customer: refuses everything. */
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

import type { Ledger, MeterSnapshot, MeterToken, Notice, ReserveAsk, UsageEvent } from "../../../contracts/meter.ts";

/** Postgres in memory, as the meter sees it: can be down, and can lose its answer after writing. */
export interface FakeLedger extends Ledger {
  snapshot: MeterSnapshot | undefined;
  events: Map<string, UsageEvent>;
  notices: Notice[];
  loads: number;
  records: number;
  /** `down`: nothing happens. `mute`: it happens, but the answer is lost. */
  mode: "up" | "down" | "mute";
}

export function createFakeLedger(snapshot: MeterSnapshot): FakeLedger {
  const ledger: FakeLedger = {
    snapshot,
    events: new Map(),
    notices: [],
    loads: 0,
    records: 0,
    mode: "up",
    gatherMs: () => 1_000,
    async load() {
      ledger.loads++;
      if (ledger.mode === "down") throw new Error("the database is down");
      return ledger.snapshot;
    },
    async record(events) {
      ledger.records++;
      if (ledger.mode === "down") throw new Error("the database is down");
      for (const event of events) ledger.events.set(event.id, event);
      if (ledger.mode === "mute") throw new Error("the answer is lost");
    },
    async announce(notice) {
      if (ledger.mode === "down") throw new Error("the database is down");
      ledger.notices.push(notice);
    },
  };
  return ledger;
}

export const sampleToken = (hash: string, over: Partial<MeterToken> = {}): MeterToken => ({
  id: `id-of-${hash}`,
  hash,
  boxId: null,
  status: "active",
  onQuotaExceeded: "error",
  expiresAt: null,
  suspended: false,
  ...over,
});

export const sampleSnapshot = (over: Partial<MeterSnapshot> = {}): MeterSnapshot => ({
  customerId: "c",
  language: "en",
  limit: 1_000_000,
  maxOutputTokens: 32_768,
  period: { start: Date.parse("2099-03-01T00:00:00Z"), end: Date.parse("2099-04-01T00:00:00Z") },
  billedByStripe: false,
  tokens: [sampleToken("a")],
  booked: [],
  ...over,
});

let asked = 0;

/** Each one is another request. */
export const sampleAsk = (over: Partial<ReserveAsk> = {}): ReserveAsk => ({
  customerId: "c",
  hash: "a",
  requestId: `request-${++asked}`,
  model: "kimi-coding/k2p5",
  promptBytes: 1_000,
  promptEstimate: 250,
  maxOutput: 1_000,
  sliced: false,
  ...over,
});

import type { Usage } from "./ask.ts";

/** What can go wrong with a provider, on request. */
export type Fault =
  /** An error in the vendor's shape. `retryAfter` in seconds. */
  | {
      kind: "status";
      status: 400 | 401 | 402 | 403 | 404 | 429 | 500 | 502 | 503 | 529;
      retryAfter?: number;
      type?: string;
    }
  /** No answer at all until the client gives up. */
  | { kind: "hang" }
  /** The connection breaks after so many events of the stream. */
  | { kind: "cut"; afterEvents: number }
  /** The stream falls silent after so many events; the connection stays. */
  | { kind: "stall"; afterEvents: number }
  /** These figures instead of the true ones; null: none at all. */
  | { kind: "usage"; usage: Partial<Usage> | null }
  /** A pause before every event of the stream. */
  | { kind: "slow"; chunkDelayMs: number }
  | { kind: "ignore_max_tokens" };

export interface FaultPlan {
  fault: Fault;
  /** The first request it hits, counted from 1 over all requests with a valid key. Default: the next one. */
  at?: number;
  /** How many requests it hits. Default 1. */
  times?: number;
}

export interface Faults {
  add(plan: FaultPlan): void;
  clear(): void;
  /** What happens to the next request: it is counted. */
  take(): Fault[];
}

export function createFaults(plans: readonly FaultPlan[] = []): Faults {
  let seen = 0;
  let planned: { fault: Fault; from: number; until: number }[] = [];
  const faults: Faults = {
    add({ fault, at = seen + 1, times = 1 }) {
      planned.push({ fault, from: at, until: at + times });
    },
    clear() {
      planned = [];
    },
    take() {
      seen++;
      return planned.filter(({ from, until }) => seen >= from && seen < until).map(({ fault }) => fault);
    },
  };
  for (const plan of plans) faults.add(plan);
  return faults;
}

/** The fault of that kind among those that hit a request. */
export function find<K extends Fault["kind"]>(
  faults: readonly Fault[],
  kind: K,
): Extract<Fault, { kind: K }> | undefined {
  return faults.find((fault): fault is Extract<Fault, { kind: K }> => fault.kind === kind);
}

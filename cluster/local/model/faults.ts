import type { Usage } from "./protocol.ts";

/** A provider's faults, on request. */
export type Fault =
  /** An error in the vendor's shape. `retryAfter` in seconds. */
  | { kind: "status"; status: number; retryAfter?: number; message?: string }
  /** A page, as a server in front of the provider shows it, with a status that says that all is well. */
  | { kind: "page" }
  /** The connection breaks after this many events of the stream. */
  | { kind: "cut"; afterEvents: number }
  /** The provider tells of an error after this many events of the stream, and ends it. */
  | { kind: "error_event"; afterEvents: number }
  /** The stream stalls after this many events; the connection stays open. */
  | { kind: "stall"; afterEvents: number }
  /** These figures instead of the real ones; null: none at all. */
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

export class Faults {
  #seen = 0;
  #planned: { fault: Fault; from: number; until: number }[] = [];

  add({ fault, at = this.#seen + 1, times = 1 }: FaultPlan): void {
    this.#planned.push({ fault, from: at, until: at + times });
  }

  clear(): void {
    this.#planned = [];
  }

  /** Requests so far with a valid key. */
  seen(): number {
    return this.#seen;
  }

  /** What happens to the next request: it is counted. */
  take(): Fault[] {
    const now = ++this.#seen;
    return this.#planned.filter(({ from, until }) => now >= from && now < until).map(({ fault }) => fault);
  }
}

/** The fault of that kind among those that hit a request. */
export const find = <K extends Fault["kind"]>(faults: readonly Fault[], kind: K) =>
  faults.find((fault): fault is Extract<Fault, { kind: K }> => fault.kind === kind);

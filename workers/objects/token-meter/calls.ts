/** What the proxy and the TokenMeter say to each other. All of it is plain data: it crosses an RPC boundary. */
import type { Language } from "#schema/domain/models.ts";
import type { MeterToken } from "./snapshot.ts";

/** Who asks: read from the token's own, authenticated text. */
export interface Caller {
  customerId: string;
  /** SHA-256 of the token, lower-case hex. */
  hash: string;
}

export interface ReserveAsk extends Caller {
  /** The request's own UUID: it names the reservation and later the ledger's event. */
  requestId: string;
  /** Our id of the model, as the ledger shows it. */
  model: string;
  /** See `Ask` in meter-core.ts. */
  promptBytes: number;
  /** Our best guess of the prompt's tokens: booked where no usage ever arrives. */
  promptEstimate: number;
  /** Output tokens that the request may produce; the plan's own bound where it names none. */
  maxOutput: number | null;
}

/** Where the customer stands, for the answer's headers. Times are epoch milliseconds. */
export interface Standing {
  limit: number;
  settled: number;
  reserved: number;
  resetsAt: number;
  /** Requests that the token may still send at once. */
  requestsLeft: number;
}

export type RefusalReason =
  /** Not (or no longer) a token of this customer. */
  | "unknown_token"
  | "revoked"
  /** The box is suspended, or the customer has no live subscription. */
  | "suspended"
  | "rate_limited"
  | "too_many_streams"
  | "limit_spent"
  /** The customer's rows can't be read just now, and there is no copy. */
  | "unavailable";

export interface Refusal {
  ok: false;
  reason: RefusalReason;
  /** Milliseconds; exact for `rate_limited`. */
  retryAfterMs?: number;
  /** With `limit_spent`. */
  spent?: { limit: number; resetsAt: number; whenSpent: MeterToken["whenSpent"]; language: Language };
}

export type AdmitAnswer = { ok: true } | Refusal;
export type ReserveAnswer = { ok: true; reservationId: string; maxOutputTokens: number; standing: Standing } | Refusal;

export interface Usage {
  /** Cached input included. */
  inputTokens: number;
  cachedInputTokens: number;
  outputTokens: number;
}

export type Outcome = "completed" | "client_closed" | "upstream_error";

export interface SettleAsk {
  reservationId: string;
  /** Null where the provider did no work for us: the reservation is let go and nothing is booked. */
  usage: Usage | null;
  outcome: Outcome;
  /** The provider's figure never came, or was absurd. */
  estimated: boolean;
}

/** One row of the ledger. Times are epoch milliseconds. */
export interface UsageEvent extends Usage {
  id: string;
  occurredAt: number;
  customerId: string;
  tokenId: string;
  boxId: string | null;
  periodStart: number;
  periodEnd: number;
  model: string;
  estimated: boolean;
  outcome: Outcome | "expired";
}

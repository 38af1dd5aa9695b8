/** The interface of the TokenMeter. All of it is plain data, because it crosses an RPC boundary. Times are epoch milliseconds. */
import type { Language } from "#schema/domain/models.ts";
import type { TokenStatus } from "#schema/domain/states.ts";

/** The caller, read from the authenticated token. */
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
  /** Our estimate of the prompt's tokens: charged if no usage arrives. */
  promptEstimate: number;
  /** Output tokens that the request may produce; the plan's maximum if it names none. */
  maxOutput: number | null;
  /** The output can be ended at any moment (a stream), so it is leased in slices. */
  sliced: boolean;
}

/** The customer's remaining quota and rate, for the answer's headers. Times are epoch milliseconds. */
export interface Standing {
  limit: number;
  settled: number;
  reserved: number;
  resetsAt: number;
  /** Requests that the token may send right now. */
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
  /** So close to the quota that it fits only if the open requests turn out small. */
  | "busy"
  | "quota_exceeded"
  /** The customer's rows can't be read now, and there is no snapshot. */
  | "unavailable";

export interface Refusal {
  ok: false;
  reason: RefusalReason;
  /** Milliseconds; exact for `rate_limited`. */
  retryAfterMs?: number;
  /** With `quota_exceeded`. */
  quota?: { limit: number; resetsAt: number; onQuotaExceeded: MeterToken["onQuotaExceeded"]; language: Language };
}

export type AdmitAnswer = { ok: true } | Refusal;

export interface Granted {
  ok: true;
  reservationId: string;
  /** The limit that the provider gets. */
  maxOutputTokens: number;
  /** Output tokens until more must be leased; `maxOutputTokens` if it is not sliced. */
  leasedTokens: number;
  standing: Standing;
  /** The language in which this token is told of failures, as messages of the assistant; null: as errors. */
  toldIn: Language | null;
}
export type ReserveAnswer = Granted | Refusal;

/** A stream's progress, and the lease that it asks for. */
export interface ExtendAsk {
  reservationId: string;
  /** Output tokens so far, as the proxy counts them: charged if no settlement comes. */
  produced: number;
  /** The total lease asked for. */
  wanted: number;
  /** The prompt's tokens, if the provider has reported them already. */
  inputTokens?: number | undefined;
}

/** Why a stream must end: its token was revoked, its box suspended, or its reservation has ended. */
export type Cut = "revoked" | "suspended" | "over";
export type ExtendAnswer = { ok: true; leasedTokens: number } | { ok: false; cut: Cut };

export interface Usage {
  /** Cached input included. */
  inputTokens: number;
  cachedInputTokens: number;
  outputTokens: number;
}

/** `limit_reached`: the quota ended midway. `cut_off`: the token was revoked or the box stopped midway. */
export type Outcome = "completed" | "client_closed" | "upstream_error" | "limit_reached" | "cut_off";

export interface SettleAsk {
  reservationId: string;
  /** Null if the provider did no work: the reservation is released and nothing is charged. */
  usage: Usage | null;
  outcome: Outcome;
  /** The provider's figure is missing or implausible. */
  estimated: boolean;
}

/** One row of the ledger. Times are epoch milliseconds. */
export interface UsageEvent extends Usage {
  id: string;
  /** The event that this one corrects: then its figures are differences and may be negative. */
  corrects?: string | undefined;
  occurredAt: number;
  customerId: string;
  tokenId: string;
  boxId: string | null;
  periodStart: number;
  periodEnd: number;
  model: string;
  estimated: boolean;
  outcome: Outcome | "expired" | "corrected";
}

/** Nine tenths of a period's quota are used; sent once a period. Times are epoch milliseconds. */
export interface Notice {
  customerId: string;
  periodStart: number;
  periodEnd: number;
  at: number;
  limit: number;
  settled: number;
}

/** One period of the meter against the ledger. */
export interface Tally {
  settled: number;
  /** Of these, charged but not in the ledger yet. */
  unwritten: number;
}

/** What a TokenMeter knows of its customer: a copy of rows in Postgres, replaced as a whole by `sync`. */
export interface MeterSnapshot {
  customerId: string;
  language: Language;
  /** Tokens (input + output) of one period. 0 without a live subscription. */
  limit: number;
  /** Upper bound of one request's output tokens. */
  maxOutputTokens: number;
  /** As in Postgres, even if it has ended; null without a live subscription. */
  period: Period | null;
  /** Whether Stripe decides when the next period starts; otherwise periods follow each other month by month. */
  billedByStripe: boolean;
  tokens: readonly MeterToken[];
  /** The ledger's sums of current periods: where a meter that lost its storage starts. */
  booked: readonly { periodStart: number; tokens: number }[];
}

export interface Period {
  start: number;
  /** Exclusive: the next period starts here. */
  end: number;
}

export interface MeterToken {
  id: string;
  /** SHA-256 of the token, lower-case hex. */
  hash: string;
  boxId: string | null;
  status: TokenStatus;
  /** What a request with this token gets when the quota is exceeded or the model fails: a message of the assistant, or an error. */
  onQuotaExceeded: "message" | "error";
  /** A retiring token works until then. */
  expiresAt: number | null;
  /** Its box should not run. */
  suspended: boolean;
}

/** What the meter reads from and writes to Postgres. */
export interface Ledger {
  /** How long an event waits for others to share its statement, milliseconds. */
  gatherMs(): number;
  /** The customer's rows as they are now; undefined for a customer that does not exist. */
  load(customerId: string): Promise<MeterSnapshot | undefined>;
  /** Writes the events to the ledger, which ignores those that it has already. */
  record(events: readonly UsageEvent[]): Promise<void>;
  /** Records once a period that nine tenths are used, so that the customer can be notified. */
  announce(notice: Notice): Promise<void>;
}

/** The TokenMeter of one customer, as the rest of the edge calls it. */
export interface Meter {
  sync(customerId: string): Promise<void>;
  admit(caller: Caller): Promise<AdmitAnswer>;
  reserve(ask: ReserveAsk): Promise<ReserveAnswer>;
  extend(ask: ExtendAsk): Promise<ExtendAnswer>;
  watch(reservationId: string): Promise<Cut>;
  settle(ask: SettleAsk): Promise<boolean>;
  tally(periodStart: number, options?: { sure?: boolean }): Promise<Tally | null>;
}

/** What the edge and the TokenMeter say to each other. All of it is plain data: it crosses an RPC boundary. Times are epoch milliseconds. */
import type { Language } from "#schema/domain/models.ts";
import type { TokenStatus } from "#schema/domain/states.ts";

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
  /** The output can be stopped at any moment (a stream): it is leased in slices. */
  sliced: boolean;
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
  /** So near the limit that it fits only if what is under way turns out small. */
  | "busy"
  | "quota_exceeded"
  /** The customer's rows can't be read just now, and there is no copy. */
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
  /** What the provider is told. */
  maxOutputTokens: number;
  /** Output tokens that may flow before more must be leased; `maxOutputTokens` where it is not sliced. */
  leasedTokens: number;
  standing: Standing;
}
export type ReserveAnswer = Granted | Refusal;

/** How far a stream has come, and how far it may go. */
export interface ExtendAsk {
  reservationId: string;
  /** Output tokens so far, as the proxy counts them: booked where no settlement ever comes. */
  produced: number;
  /** The lease that is wished for, in all. */
  wanted: number;
  /** The prompt's tokens, where the provider has reported them already. */
  inputTokens?: number | undefined;
}

/** Why a stream may not go on: its token was revoked, its box suspended, or its reservation is over. */
export type Cut = "revoked" | "suspended" | "over";
export type ExtendAnswer = { ok: true; leasedTokens: number } | { ok: false; cut: Cut };

export interface Usage {
  /** Cached input included. */
  inputTokens: number;
  cachedInputTokens: number;
  outputTokens: number;
}

/** `limit_reached`: the allowance ended in the middle. `cut_off`: the token or the box was stopped in the middle. */
export type Outcome = "completed" | "client_closed" | "upstream_error" | "limit_reached" | "cut_off";

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
  /** The event whose figures this one mends: then its own are differences, and may be negative. */
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

/** Nine tenths of a period's allowance are used: said once a period. Times are epoch milliseconds. */
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
  /** Of these, booked but not written into the ledger yet. */
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
  /** As Postgres has it, even when it is over; null without a live subscription. */
  period: Period | null;
  /** Stripe decides when the next period starts; else periods follow each other month by month. */
  billedByStripe: boolean;
  tokens: readonly MeterToken[];
  /** What the ledger already holds of periods that are not over: the start of a meter that lost its storage. */
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
  /** What a request with this token gets when the quota is exceeded: a message of the assistant, or an error. */
  onQuotaExceeded: "message" | "error";
  /** A retiring token works until then. */
  expiresAt: number | null;
  /** Its box is not meant to run. */
  suspended: boolean;
}

/** The meter's side of Postgres. */
export interface Ledger {
  /** How long an event waits for others to share its statement, milliseconds. */
  gatherMs(): number;
  /** The customer's rows as they are now; undefined for a customer that does not exist. */
  load(customerId: string): Promise<MeterSnapshot | undefined>;
  /** Writes the events into the ledger; those that are there already change nothing. */
  record(events: readonly UsageEvent[]): Promise<void>;
  /** Writes down that nine tenths are used, once a period, for whoever tells the customer. */
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

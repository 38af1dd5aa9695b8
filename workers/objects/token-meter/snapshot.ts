/** What a TokenMeter knows of its customer: a copy of rows in Postgres, replaced as a whole by `sync`. Times are epoch milliseconds. */
import type { Language } from "#schema/domain/models.ts";
import type { TokenStatus } from "#schema/domain/states.ts";

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
  /** How a spent allowance is told to who holds this token. */
  whenSpent: "message" | "error";
  /** A retiring token works until then. */
  expiresAt: number | null;
  /** Its box is not meant to run. */
  suspended: boolean;
}

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

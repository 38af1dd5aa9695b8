/**
 * A token bucket as one number (the generic cell rate algorithm): `full` is when the bucket will be full again.
 * In any window of t seconds at most `burst + requestsPerSecond · t` requests pass. Times are milliseconds.
 */
import { RATE_LIMIT } from "#schema/domain/tiers.ts";

const INTERVAL_MS = 1_000 / RATE_LIMIT.requestsPerSecond;
const BURST_MS = RATE_LIMIT.burst * INTERVAL_MS;

export type RateDecision =
  | { ok: true; full: number; remaining: number }
  /** A retry after exactly this long passes, unless another request comes first. */
  | { ok: false; retryAfterMs: number };

/** Takes one request out of the bucket that is full at `full`. A refusal changes nothing. */
export function takeOne(full: number, now: number): RateDecision {
  const next = Math.max(full, now) + INTERVAL_MS;
  const early = next - BURST_MS - now;
  if (early > 0) return { ok: false, retryAfterMs: early };
  return { ok: true, full: next, remaining: Math.floor((BURST_MS - (next - now)) / INTERVAL_MS) };
}

/** Reserves for one request: synchronous, so that nothing happens between the check and the write. */

import type {
  AdmitAnswer,
  MeterSnapshot,
  MeterToken,
  Period,
  Refusal,
  ReserveAnswer,
  ReserveAsk,
  Standing,
} from "../../contracts/meter.ts";
import { admitToken, MAX_OPEN_REQUESTS } from "./admission.ts";
import { hold } from "./meter-core.ts";
import { periodAt } from "./period.ts";
import { takeOne } from "./rate.ts";
import type { Reservation } from "./store/reservations.ts";
import type { MeterStore, PeriodRow } from "./store/store.ts";

/** A stream may last ten minutes; a minute later the alarm settles its reservation. */
export const RESERVATION_MS = 11 * 60_000;
/** When a request may retry that has to wait for others to end. */
const BUSY_MS = 1_000;

export interface Meter {
  store: MeterStore;
  snapshot: MeterSnapshot;
  now: number;
}

/** `fullAt`: the bucket after this request, for the caller to store. */
type Admitted = { ok: true; token: MeterToken; requestsLeft: number; fullAt: number };

/** Checks the token and its bucket. */
function admit({ store, snapshot, now }: Meter, hash: string): Admitted | Refusal {
  const token = admitToken(snapshot, hash, now);
  if ("ok" in token) return token;
  const taken = takeOne(store.reservations.bucket(token.id), now);
  if (!taken.ok) return { ok: false, reason: "rate_limited", retryAfterMs: taken.retryAfterMs };
  return { ok: true, token, requestsLeft: taken.remaining, fullAt: taken.full };
}

/** Takes one request out of the bucket, for a call that costs no tokens. */
export function admitOnly(meter: Meter, hash: string): AdmitAnswer {
  const admitted = admit(meter, hash);
  if (!admitted.ok) return admitted;
  meter.store.reservations.keepBucket(admitted.token.id, admitted.fullAt);
  return { ok: true };
}

/** Reserves tokens for the request, or says why not. A repeated request gets the same answer. */
export function reserve(meter: Meter, ask: ReserveAsk): ReserveAnswer {
  const { store, snapshot } = meter;
  const known = store.reservations.get(ask.requestId);
  if (known) return granted(known, snapshot, currentPeriod(meter, known.period), 0);
  const admitted = admit(meter, ask.hash);
  if (!admitted.ok) return admitted;
  const answer = holdFor(meter, admitted, ask);
  // If it is granted, the reservation's row stores the bucket.
  if (!answer.ok) store.reservations.keepBucket(admitted.token.id, admitted.fullAt);
  return answer;
}

function holdFor(meter: Meter, { token, requestsLeft, fullAt }: Admitted, ask: ReserveAsk): ReserveAnswer {
  const { store, snapshot, now } = meter;
  if (store.reservations.openOf(token.id) >= MAX_OPEN_REQUESTS) {
    return { ok: false, reason: "too_many_streams", retryAfterMs: BUSY_MS };
  }
  const period = periodAt(snapshot, now);
  if (!period) return { ok: false, reason: "suspended" };
  const row = currentPeriod(meter, period);
  const held = hold({ ...row, limit: snapshot.limit }, { ...ask, maxOutput: maxOutputOf(snapshot, ask) });
  if (!held.ok)
    return held.busy ? { ok: false, reason: "busy", retryAfterMs: BUSY_MS } : quotaExceeded(snapshot, token, row);
  const reservation: Reservation = {
    id: ask.requestId,
    tokenId: token.id,
    boxId: token.boxId,
    model: ask.model,
    period: { start: row.start, end: row.end },
    maxOutput: held.maxOutput,
    held: held.held,
    risk: held.risk,
    lease: held.lease,
    produced: 0,
    promptEstimate: Math.min(ask.promptEstimate, held.held),
    expiresAt: now + RESERVATION_MS,
  };
  store.reservations.add(reservation, fullAt);
  return granted(reservation, snapshot, { ...row, reserved: held.account.reserved }, requestsLeft);
}

function currentPeriod({ store, snapshot }: Meter, period: Period): PeriodRow {
  return store.period(period, snapshot.booked.find((one) => one.periodStart === period.start)?.tokens);
}

const maxOutputOf = (snapshot: MeterSnapshot, ask: ReserveAsk): number =>
  Math.min(ask.maxOutput ?? snapshot.maxOutputTokens, snapshot.maxOutputTokens);

function quotaExceeded(
  { limit, language }: MeterSnapshot,
  { onQuotaExceeded }: MeterToken,
  { end }: PeriodRow,
): Refusal {
  return { ok: false, reason: "quota_exceeded", quota: { limit, resetsAt: end, onQuotaExceeded, language } };
}

function granted(it: Reservation, snapshot: MeterSnapshot, row: PeriodRow, requestsLeft: number): ReserveAnswer {
  const { limit, language, tokens } = snapshot;
  const { settled, reserved, end } = row;
  const standing: Standing = { limit, settled, reserved, resetsAt: end, requestsLeft };
  const isTold = tokens.find(({ id }) => id === it.tokenId)?.onQuotaExceeded === "message";
  const lease = { maxOutputTokens: it.maxOutput, leasedTokens: it.lease };
  return { ok: true, reservationId: it.id, ...lease, standing, toldIn: isTold ? language : null };
}

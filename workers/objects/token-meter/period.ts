import { addMonths } from "#schema/domain/months.ts";
import type { MeterSnapshot, Period } from "../../contracts/meter.ts";

/** Stripe may deliver a renewal up to three days late; until then the next period is assumed to have begun. */
const STRIPE_GRACE_MS = 3 * 24 * 3_600_000;

/**
 * The period that `now` falls into, without a gap after the stored one. A renewal that Postgres does not know yet
 * is derived: month by month from the stored end. Stripe's next period starts at that very moment, so its webhook
 * finds the same period and only corrects the end.
 */
export function periodAt(snapshot: Pick<MeterSnapshot, "period" | "billedByStripe">, now: number): Period | null {
  const { period, billedByStripe } = snapshot;
  if (!period || now < period.end) return period;
  if (billedByStripe && now >= period.end + STRIPE_GRACE_MS) return null;
  return monthFrom(period.end, now);
}

/** The month of the series anchor, anchor + 1 month, … that holds `now`. */
function monthFrom(anchor: number, now: number): Period {
  let months = Math.max(0, Math.floor((now - anchor) / (31 * 24 * 3_600_000)));
  while (addMonths(anchor, months + 1) <= now) months++;
  return { start: addMonths(anchor, months), end: addMonths(anchor, months + 1) };
}

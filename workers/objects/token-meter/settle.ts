/** How a reservation ends: by the proxy's report, or by the alarm. Runs inside one synchronous transaction. */
import type { SettleAsk, Usage, UsageEvent } from "./calls.ts";
import { resolve } from "./meter-core.ts";
import type { MeterStore, Reservation } from "./store.ts";

/** The ledger's columns are 32 bits wide. */
const MAX_TOKENS = 2 ** 31 - 1;

/** Books what was used; false where the reservation was resolved before. */
export function settle(store: MeterStore, customerId: string, ask: SettleAsk, now: number): boolean {
  const reservation = store.reservation(ask.reservationId);
  if (!reservation) return false;
  if (!ask.usage) {
    store.dropReservation(reservation.id);
    return true;
  }
  const { outcome, estimated } = ask;
  book(store, reservation, { ...eventOf(reservation, customerId, now), ...bounded(ask.usage), outcome, estimated });
  return true;
}

/** Resolves what nobody settled in time: our estimate of the prompt is booked. Returns how many there were. */
export function expire(store: MeterStore, customerId: string, now: number): number {
  const overdue = store.expired(now);
  for (const reservation of overdue) {
    const event = eventOf(reservation, customerId, now);
    book(store, reservation, {
      ...event,
      inputTokens: reservation.promptEstimate,
      outcome: "expired",
      estimated: true,
    });
  }
  return overdue.length;
}

/** The period is the reservation's own, whatever the time is now. */
function book(store: MeterStore, { id, held, period }: Reservation, event: UsageEvent): void {
  const row = store.period(period);
  const charged = chargedTokens(event);
  store.dropReservation(id);
  store.keepSettled(period.start, resolve({ ...row, limit: 0 }, held, charged).settled);
  store.addEvent(event);
}

/** Cached input counts in full: docs/decisions/004-cached-tokens.md. */
export const chargedTokens = (usage: Usage): number => usage.inputTokens + usage.outputTokens;

function eventOf(it: Reservation, customerId: string, now: number): UsageEvent {
  return {
    id: it.id,
    occurredAt: now,
    customerId,
    tokenId: it.tokenId,
    boxId: it.boxId,
    periodStart: it.period.start,
    periodEnd: it.period.end,
    model: it.model,
    inputTokens: 0,
    cachedInputTokens: 0,
    outputTokens: 0,
    estimated: false,
    outcome: "completed",
  };
}

function bounded({ inputTokens, cachedInputTokens, outputTokens }: Usage): Usage {
  const clamp = (tokens: number): number => Math.min(MAX_TOKENS, Math.max(0, Math.trunc(tokens) || 0));
  const input = clamp(inputTokens);
  return {
    inputTokens: input,
    cachedInputTokens: Math.min(input, clamp(cachedInputTokens)),
    outputTokens: clamp(outputTokens),
  };
}

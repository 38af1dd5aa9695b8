/** How a reservation ends: by the proxy's report, or by the alarm. */
import type { MeterSnapshot, SettleAsk, Usage, UsageEvent } from "../../contracts/meter.ts";
import { WARN_AT } from "./meter-core.ts";
import type { Reservation } from "./store/reservations.ts";
import type { MeterStore } from "./store/store.ts";

/** The ledger's columns are 32 bits wide. */
const MAX_TOKENS = 2 ** 31 - 1;

/** How long real figures may still replace an alarm's estimate. */
const GUESS_KEPT_MS = 2 * 24 * 3_600_000;

/** The customer's data that a settlement needs. */
export type Account = Pick<MeterSnapshot, "customerId" | "limit">;

/** Charges what was used; false if the reservation had been settled before. */
export function settle(store: MeterStore, account: Account, ask: SettleAsk, now: number): boolean {
  const reservation = store.reservations.get(ask.reservationId);
  if (!reservation) return correct(store, ask, now);
  if (!ask.usage) {
    store.reservations.drop(reservation);
    return true;
  }
  const { outcome, estimated } = ask;
  book(store, account, {
    ...eventOf(reservation, account.customerId, now),
    ...bounded(ask.usage),
    outcome,
    estimated,
  });
  return true;
}

/** The alarm was first: its estimate stays, and one more event adds the difference. At most once. */
function correct(store: MeterStore, { reservationId, usage, estimated }: SettleAsk, now: number): boolean {
  const guess = store.guesses.get(reservationId);
  if (!guess) return false;
  const { inputTokens, cachedInputTokens, outputTokens } = bounded(usage ?? NOTHING);
  const event: UsageEvent = {
    ...guess,
    id: crypto.randomUUID(),
    corrects: guess.id,
    occurredAt: now,
    inputTokens: inputTokens - guess.inputTokens,
    cachedInputTokens: cachedInputTokens - guess.cachedInputTokens,
    outputTokens: outputTokens - guess.outputTokens,
    estimated,
    outcome: "corrected",
  };
  store.book(event);
  return true;
}

const NOTHING: Usage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };

/** Settles what was not settled in time: charges the prompt's estimate and the output counted so far. */
export function expire(store: MeterStore, account: Account, now: number): void {
  const expired = [...store.reservations.all()].filter(({ expiresAt }) => expiresAt <= now);
  for (const reservation of expired.sort((a, b) => a.expiresAt - b.expiresAt)) {
    const event: UsageEvent = {
      ...eventOf(reservation, account.customerId, now),
      inputTokens: reservation.promptEstimate,
      outputTokens: reservation.produced,
      outcome: "expired",
      estimated: true,
    };
    book(store, account, event, { guess: true });
  }
  store.guesses.dropBefore(now - GUESS_KEPT_MS);
}

/** The period is the reservation's own, whatever the time is now. */
function book(
  store: MeterStore,
  { customerId, limit }: Account,
  event: UsageEvent,
  options: { guess: boolean } = { guess: false },
): void {
  store.book(event, options);
  const { periodStart, periodEnd, occurredAt: at } = event;
  const settled = store.settledOf(periodStart) ?? 0;
  if (limit === 0 || settled < WARN_AT * limit) return;
  store.addNotice({ customerId, periodStart, periodEnd, at, limit, settled });
}

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

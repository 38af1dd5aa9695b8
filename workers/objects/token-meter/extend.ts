/** Leases a stream's next slice, and decides when a stream must end. */
import type { Cut, ExtendAnswer, ExtendAsk, MeterSnapshot } from "../../contracts/meter.ts";
import { extend as extendBy } from "./meter-core.ts";
import { periodAt } from "./period.ts";
import type { Meter } from "./reserve.ts";
import type { Reservation } from "./store/reservations.ts";

/** Leases more output; less than asked for if the quota is almost used up. */
export function extend(meter: Meter, ask: ExtendAsk): ExtendAnswer {
  const { store, snapshot } = meter;
  const open = store.reservations.get(ask.reservationId);
  const cut = cutOf(snapshot, open, meter.now);
  if (!open || cut) return { ok: false, cut: cut ?? "over" };
  const known = withInput(open, ask.inputTokens);
  const row = store.period(open.period);
  // Tokens freed by a smaller prompt can be used by its answer.
  const account = {
    ...row,
    limit: snapshot.limit,
    reserved: row.reserved - open.held + known.held,
    risk: row.risk - open.risk + known.risk,
  };
  const more = extendBy(account, Math.min(ask.wanted, open.maxOutput) - open.lease);
  const lease = open.lease + more;
  const produced = Math.max(open.produced, Math.min(Math.trunc(ask.produced) || 0, lease));
  store.reservations.keep({ ...known, held: known.held + more, lease, produced });
  return { ok: true, leasedTokens: lease };
}

/** Replaces the prompt's reservation by its real figure, if that is smaller. */
function withInput(it: Reservation, inputTokens: number | undefined): Reservation {
  if (inputTokens === undefined || inputTokens >= it.held - it.lease) return it;
  return { ...it, held: inputTokens + it.lease, risk: 0, promptEstimate: inputTokens };
}

/** Why a reservation's stream must end; undefined if it may continue. A retiring token's streams run to their end. */
export function cutOf(snapshot: MeterSnapshot, open: Reservation | undefined, now: number): Cut | undefined {
  if (!open) return "over";
  const token = snapshot.tokens.find((one) => one.id === open.tokenId);
  if (!token || token.status === "revoked") return "revoked";
  return token.suspended || !periodAt(snapshot, now) ? "suspended" : undefined;
}

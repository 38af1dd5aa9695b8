import { DurableObject } from "cloudflare:workers";
import type {
  AdmitAnswer,
  Caller,
  Cut,
  ExtendAnswer,
  ExtendAsk,
  Ledger,
  MeterSnapshot,
  ReserveAnswer,
  ReserveAsk,
  SettleAsk,
  Tally,
} from "../contracts/meter.ts";
import type { Env } from "../env.ts";
import { postgresLedger } from "../services/usage/ledger.ts";
import { createDelivery, type Delivery } from "./token-meter/delivery.ts";
import { cutOf, extend } from "./token-meter/extend.ts";
import { backoff } from "./token-meter/outbox.ts";
import { admitOnly, reserve } from "./token-meter/reserve.ts";
import { type Account, expire, settle } from "./token-meter/settle.ts";
import { createSnapshotCache, type SnapshotCache } from "./token-meter/snapshot-cache.ts";
import { type MeterStore, openStore } from "./token-meter/store/store.ts";
import { createWatchers } from "./token-meter/watchers.ts";

/** If the object ends before its timer fires, its usage is written at most this much later. */
const BACKSTOP_MS = 60_000;

/**
 * Decides for one customer which model requests may pass: reserve, then the proxy forwards, then settle. All times
 * are by its clock. It reads Postgres when a token or a period is new, never during an ordinary request, and writes
 * settled usage in batches.
 */
export class TokenMeter extends DurableObject<Env> {
  readonly #store: MeterStore;
  readonly #snapshots: SnapshotCache;
  readonly #watchers = createWatchers<Cut>();
  readonly #delivery: Delivery;
  /** Unknown until this instance has set one: an earlier one may have. */
  #alarmAt: number | undefined;
  /** Replaced by tests. */
  now: () => number = Date.now;
  ledger: Ledger;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.ledger = postgresLedger(env);
    this.#store = openStore(ctx.storage);
    this.#snapshots = createSnapshotCache(this.#store, (customerId) => this.ledger.load(customerId), this.#cutStreams);
    this.#delivery = createDelivery({
      store: this.#store,
      ledger: () => this.ledger,
      sync: () => ctx.storage.sync(),
      flushed: () => this.#schedule(),
    });
  }

  /** Reads the customer's rows again: quota, period, tokens. A verb that changes one of them calls this before it answers. */
  async sync(customerId: string): Promise<void> {
    await this.#snapshots.reload(customerId);
  }

  /** Checks token and rate for a call that costs no tokens. */
  async admit(caller: Caller): Promise<AdmitAnswer> {
    const snapshot = await this.#snapshots.forCaller(caller, this.now());
    if (!snapshot) return { ok: false, reason: "unavailable" };
    const meter = { store: this.#store, snapshot, now: this.now() };
    return admitOnly(meter, caller.hash);
  }

  /** Reserves tokens for one request. Nothing goes upstream without `ok: true`. */
  async reserve(ask: ReserveAsk): Promise<ReserveAnswer> {
    const snapshot = await this.#snapshots.forCaller(ask, this.now());
    if (!snapshot) return { ok: false, reason: "unavailable" };
    const meter = { store: this.#store, snapshot, now: this.now() };
    const answer = reserve(meter, ask);
    this.#schedule();
    return answer;
  }

  /** Leases a stream's next slice of output, or says that it must end. */
  async extend(ask: ExtendAsk): Promise<ExtendAnswer> {
    const snapshot = this.#snapshots.current();
    if (!snapshot) return { ok: false, cut: "over" };
    const meter = { store: this.#store, snapshot, now: this.now() };
    return extend(meter, ask);
  }

  /** Resolves when the reservation's stream must end or its reservation has ended; at once if that is so already. */
  async watch(reservationId: string): Promise<Cut> {
    const snapshot = this.#snapshots.current();
    const cut = snapshot ? cutOf(snapshot, this.#store.reservations.get(reservationId), this.now()) : "over";
    return cut ?? (await this.#watchers.wait(reservationId));
  }

  /** Settles a reservation, at most once; false if it had ended already. */
  async settle(ask: SettleAsk): Promise<boolean> {
    const settled = settle(this.#store, this.#account(), ask, this.now());
    this.#watchers.notify(ask.reservationId, "over");
    this.#schedule();
    return settled;
  }

  /**
   * A period's sum, to be compared with the ledger; null for an unknown period. Usage that counts as
   * unwritten may be in the ledger if an answer was lost; `sure`: write it (again) first.
   */
  async tally(periodStart: number, { sure = false } = {}): Promise<Tally | null> {
    if (sure) await this.#delivery.flush();
    this.#delivery.clear();
    const settled = this.#store.settledOf(periodStart);
    return settled === undefined ? null : { settled, unwritten: this.#store.events.unwritten(periodStart) };
  }

  override async alarm(): Promise<void> {
    this.#alarmAt = undefined;
    try {
      expire(this.#store, this.#account(), this.now());
      await this.#delivery.flush();
    } finally {
      this.#schedule();
    }
  }

  #account(): Account {
    const { customerId = "", limit = 0 } = this.#snapshots.current() ?? {};
    return { customerId, limit };
  }

  /** After a new snapshot: ends the streams that may not continue. */
  readonly #cutStreams = (snapshot: MeterSnapshot): void => {
    for (const open of this.#store.reservations.all()) {
      const cut = cutOf(snapshot, open, this.now());
      if (cut) this.#watchers.notify(open.id, cut);
    }
  };

  /**
   * Schedules the delivery of usage and the end of open reservations. The alarm is for an object that ends before its
   * timers fire, and is set so rarely that a request hardly ever pays for it.
   */
  #schedule(): void {
    this.#delivery.schedule();
    const expiry = this.#store.reservations.nextExpiry();
    if (this.#store.pending() === 0 && expiry === undefined) return;
    const failures = this.#delivery.failures();
    const wait = failures > 0 ? backoff(failures) : BACKSTOP_MS;
    this.#wakeBy(Math.min(expiry ?? Number.POSITIVE_INFINITY, this.now() + wait));
  }

  /** Sets the alarm, unless an earlier one is set. */
  #wakeBy(time: number): void {
    if (this.#alarmAt !== undefined && this.#alarmAt <= time) return;
    this.#alarmAt = time;
    void this.ctx.storage.setAlarm(time);
  }
}

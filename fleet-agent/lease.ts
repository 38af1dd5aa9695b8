import { LEASE_MARGIN_MS, LEASE_MS } from "#schema/domain/jobs.ts";

/** Another agent holds the job now, or may: nothing may be written for it any more. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

/** A newer job of the box waits for the end of this one, whose lease the agent still holds. */
export class JobStopped extends LeaseLost {}

/** What a driver sees of the lease. */
export interface LeaseGuard {
  /** Aborts, with a `LeaseLost` as its reason, the moment the lease can't be relied on. */
  readonly signal: AbortSignal;
  /** Throws `LeaseLost` unless the lease holds for at least `LEASE_MARGIN_MS` more. Call it before every write. */
  check(): void;
}

/** Monotonic milliseconds: a step of the wall clock must not lengthen a lease. */
export type MonotonicClock = () => number;
export const monotonic: MonotonicClock = () => performance.now();

/**
 * One job's lease by this machine's monotonic clock. The edge grants `LEASE_MS` from when it handles a
 * heartbeat, which is never before the heartbeat was sent. So counting from the sending is safe however the two
 * clocks differ, and a delayed grant is worth nothing until the first heartbeat confirms it.
 */
export class Lease implements LeaseGuard {
  readonly #controller = new AbortController();
  readonly #clock: MonotonicClock;
  readonly #leads: () => boolean;
  #until = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /** `leads`: false once this process may not work for its cluster any more; no job's lease outlives that. */
  constructor(clock: MonotonicClock = monotonic, leads: () => boolean = () => true) {
    this.#clock = clock;
    this.#leads = leads;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** A heartbeat that was sent at `sentAt` (this lease's clock) was accepted. */
  renew(sentAt: number): void {
    this.#until = Math.max(this.#until, sentAt + LEASE_MS - LEASE_MARGIN_MS);
    clearTimeout(this.#timer);
    if (this.signal.aborted) return;
    this.#timer = setTimeout(() => this.lose("the lease expired"), Math.max(0, this.#until - this.#clock()));
    this.#timer.unref();
  }

  lose(why: string): void {
    this.#end(new LeaseLost(why));
  }

  /** As if it were lost: nothing is written any more. That can then be reported. */
  stop(): void {
    this.#end(new JobStopped("a newer job of the box waits"));
  }

  #end(reason: LeaseLost): void {
    clearTimeout(this.#timer);
    if (!this.signal.aborted) this.#controller.abort(reason);
  }

  check(): void {
    if (!this.signal.aborted && this.#clock() >= this.#until) this.lose("the lease expired");
    if (!this.#leads()) this.lose("this process no longer leads");
    this.signal.throwIfAborted();
  }

  /** The job has ended: clears the timer. */
  end(): void {
    clearTimeout(this.#timer);
  }
}

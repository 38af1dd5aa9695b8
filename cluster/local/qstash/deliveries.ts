import { deliver } from "./deliver.ts";
import { failureCallback } from "./failure-callback.ts";
import type { Message, Outcome } from "./message.ts";
import type { MessageStore } from "./message-store.ts";
import { nextStep } from "./next-step.ts";

/** Deliveries at once. */
const PARALLEL = 100;

/** Delivers each message when it is due, with retries until it arrives or is given up. */
export class Deliveries {
  readonly #store: MessageStore;
  readonly #signingKey: string;
  readonly #now: () => number;
  readonly #stop = new AbortController();
  /** The last timer of each message. */
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  readonly #due: Message[] = [];

  /** Starts delivering the messages of an earlier run. */
  constructor(store: MessageStore, signingKey: string, now: () => number) {
    this.#store = store;
    this.#signingKey = signingKey;
    this.#now = now;
    for (const message of store.all()) if (message.state === "waiting") this.#schedule(message);
  }

  /** @throws where the message can't be stored */
  accept(message: Message): void {
    this.#store.put(message, this.#now());
    this.#schedule(message);
  }

  /** Resolves when no delivery is running and the rest are not due. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Aborts running deliveries; they are kept and repeated after a restart. */
  async close(): Promise<void> {
    this.#stop.abort();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await this.idle();
  }

  #schedule(message: Message): void {
    const deliverSoon = () => {
      this.#due.push(message);
      this.#startDue();
    };
    const wait = message.dueAt - this.#now();
    // At once, not by a timer: `idle` counts it from here on.
    if (wait <= 0) deliverSoon();
    else this.#timers.set(message.messageId, setTimeout(deliverSoon, wait));
  }

  #startDue(): void {
    while (this.#running.size < PARALLEL && !this.#stop.signal.aborted) {
      const message = this.#due.shift();
      if (!message) return;
      const attempt = this.#attempt(message).finally(() => {
        this.#running.delete(attempt);
        this.#startDue();
      });
      this.#running.add(attempt);
    }
  }

  async #attempt(message: Message): Promise<void> {
    const outcome = await deliver(message, { key: this.#signingKey, now: this.#now() }, this.#stop.signal);
    if (!this.#stop.signal.aborted) this.#settle(message, outcome);
  }

  #settle(message: Message, outcome: Outcome): void {
    const now = this.#now();
    const step = nextStep(message, outcome);
    const lastOutcome = outcome.status === 0 ? outcome.body : String(outcome.status);
    if (step.kind === "retry") {
      this.#proceed({ ...message, retried: message.retried + 1, dueAt: now + step.delayMs, lastOutcome });
      return;
    }
    // The callback first: a stop in between may repeat it, but must not lose it.
    const callback = step.kind === "failed" ? failureCallback(message, outcome, now) : undefined;
    if (callback) this.#proceed(callback);
    this.#store.update({ ...message, state: step.kind, lastOutcome }, now);
  }

  /** Nobody waits for an answer here, so a full disk must not stop what was accepted. */
  #proceed(message: Message): void {
    this.#store.update(message, this.#now());
    this.#schedule(message);
  }
}

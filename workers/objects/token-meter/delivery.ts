/** Runs one meter's delivery: carries out what `transition` decides and passes the results back to it. */
import type { Ledger } from "../../contracts/meter.ts";
import { batchWriter } from "./batch-writer.ts";
import { type DeliveryEffect, type DeliveryEvent, isWanted, startDelivery, transition } from "./delivery-transition.ts";
import { flush } from "./outbox.ts";
import type { Numbered } from "./store/events.ts";
import type { MeterStore } from "./store/store.ts";

/** How much longer than the batch writer's delay an object waits for its answer. */
const ANSWER_MS = 1_000;

export interface DeliveryOptions {
  store: MeterStore;
  ledger(): Ledger;
  /** Resolves when all writes so far are on disk. */
  sync(): Promise<void>;
  /** Called at the end of a flush, successful or not; must call `schedule`. */
  flushed(): void;
}

export interface Delivery {
  /** Takes the events since the last call and schedules their delivery. */
  schedule(): void;
  /** Writes everything that waits, one flush at a time: calls during a flush wait for it. Fails only if the storage does. */
  flush(): Promise<void>;
  /** Deletes the events that the ledger is known to have. */
  clear(): void;
  /** Flushes in a row that failed. */
  failures(): number;
}

export function createDelivery({ store, ledger, sync, flushed }: DeliveryOptions): Delivery {
  const { events, notices } = store;
  let state = startDelivery({ last: events.last(), waiting: events.waiting(), notices: notices.waiting() });
  let writing = Promise.resolve();

  function dispatch(event: DeliveryEvent): void {
    const [next, effects] = transition(state, event);
    state = next;
    for (const effect of effects) perform(effect);
  }

  function perform(effect: DeliveryEffect): void {
    switch (effect.do) {
      case "enqueue":
        enqueue(effect.entries).catch(() => dispatch({ type: "returned", seq: state.booked }));
        return;
      case "clear":
        store.written(effect.upTo);
        return;
      case "wait":
        setTimeout(() => dispatch({ type: "timer" }), waitMs(effect.until));
        return;
      case "write":
        writing = write();
        return;
      default:
        effect satisfies never;
    }
  }

  /** Only events on disk are passed on, so that a crash can't undo them. */
  async function enqueue(entries: readonly Numbered[]): Promise<void> {
    await sync();
    for (const { seq, event } of entries) {
      batchWriter(ledger()).enqueue({
        event,
        wanted: () => isWanted(state, seq),
        written: () => dispatch({ type: "written", seq }),
        returned: () => dispatch({ type: "returned", seq }),
      });
    }
  }

  function waitMs(until: "now" | "gathered" | "answered"): number {
    if (until === "now") return 0;
    return ledger().gatherMs() + (until === "answered" ? ANSWER_MS : 0);
  }

  async function write(): Promise<void> {
    let ok = false;
    try {
      ok = await flush(store, ledger(), (upTo) => dispatch({ type: "recorded", upTo }));
    } finally {
      dispatch({ type: "ended", ok, notices: notices.waiting() });
      if (!ok) console.warn(JSON.stringify({ event: "usage_flush_failed", failures: state.failures }));
      flushed();
    }
  }

  return {
    schedule: () => dispatch({ type: "booked", fresh: events.takeFresh(), notices: notices.waiting() }),
    flush() {
      dispatch({ type: "flush" });
      return writing;
    },
    clear: () => dispatch({ type: "clear" }),
    failures: () => state.failures,
  };
}

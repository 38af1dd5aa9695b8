/**
 * How one meter's settled usage reaches the ledger, as a pure function. Events are numbered by their rows; the ledger keeps
 * each once, however often it is written. A write with an unknown outcome is repeated, and a row is deleted only when its
 * event and all before it are known to be in the ledger.
 */
import { BATCH } from "./batch-writer.ts";
import type { Numbered } from "./store/events.ts";

/** Delivered events are deleted in batches of this size. */
const CLEAR_AT = 64;

export interface DeliveryState {
  /**
   * `shared`: the isolate's batch writer has every waiting event. `own`: it lacks some, which an earlier instance of the
   * object left or the writer returned, so the object will write all of them itself. `writing`: it does so now.
   */
  mode: "shared" | "own" | "writing";
  /** The newest event; the newest one known to be in the ledger, with all before it; the newest one deleted. */
  booked: number;
  written: number;
  cleared: number;
  /** Notices that are not delivered yet. */
  notices: number;
  /** The object's own failed writes in a row: after one, its alarm decides when to retry. */
  failures: number;
  /** While a timer is set: the newest event when it was set. */
  timerFor?: number | undefined;
}

export type DeliveryEvent =
  /** `fresh`: events since the last time. */
  | { type: "booked"; fresh: readonly Numbered[]; notices: number }
  /** The batch writer's answers. */
  | { type: "written"; seq: number }
  | { type: "returned"; seq: number }
  | { type: "timer" }
  /** Write everything that waits now. */
  | { type: "flush" }
  /** A statement of the object's own has succeeded. */
  | { type: "recorded"; upTo: number }
  /** The object's own write has ended. */
  | { type: "ended"; ok: boolean; notices: number }
  /** Delete delivered events now. */
  | { type: "clear" };

export type DeliveryEffect =
  | { do: "enqueue"; entries: readonly Numbered[] }
  | { do: "clear"; upTo: number }
  /** When `timer` fires: at once, after others had time to join, or when the batch writer should have answered. */
  | { do: "wait"; until: "now" | "gathered" | "answered" }
  | { do: "write" };

export type Step = [DeliveryState, readonly DeliveryEffect[]];

/** The state of an object that wakes: the ledger may or may not have its events. */
export function startDelivery(rows: { last: number; waiting: number; notices: number }): DeliveryState {
  const cleared = rows.last - rows.waiting;
  const mode = rows.waiting + rows.notices > 0 ? "own" : "shared";
  return { mode, booked: rows.last, written: cleared, cleared, notices: rows.notices, failures: 0 };
}

/** Whether the batch writer should still write an event that it has. */
export const isWanted = ({ mode, written }: DeliveryState, seq: number): boolean => mode === "shared" && seq > written;

export function transition(state: DeliveryState, event: DeliveryEvent): Step {
  switch (event.type) {
    case "booked":
      return booked(state, event.fresh, event.notices);
    case "written":
      // In order: an event may be missing in between.
      return [event.seq === state.written + 1 ? { ...state, written: event.seq } : state, []];
    case "returned":
      return [state.mode === "shared" && event.seq > state.written ? { ...state, mode: "own" } : state, []];
    case "timer":
      return timer(state);
    case "flush":
      return flush(state);
    case "recorded":
      return recorded(state, event.upTo);
    case "ended":
      return [ended(state, event.ok, event.notices), []];
    case "clear":
      return clear(state);
    default:
      return event satisfies never;
  }
}

function booked(before: DeliveryState, fresh: readonly Numbered[], notices: number): Step {
  const last = fresh.at(-1)?.seq ?? 0;
  const state = { ...before, booked: Math.max(before.booked, last), notices };
  const entries = fresh.filter(({ seq }) => isWanted(state, seq));
  const enqueue: DeliveryEffect[] = entries.length > 0 ? [{ do: "enqueue", entries }] : [];
  const [cleared, effects] = state.written - state.cleared >= CLEAR_AT ? clear(state) : [state, []];
  const [waiting, wait] = schedule(cleared);
  return [waiting, [...enqueue, ...effects, ...wait]];
}

/** Sets a timer as long as anything waits. */
function schedule(state: DeliveryState): Step {
  const pending = state.booked - state.cleared + state.notices;
  const isAwaited = state.mode === "writing" || state.timerFor !== undefined || state.failures > 0;
  if (isAwaited || pending === 0) return [state, []];
  const own = pending >= BATCH ? "now" : "gathered";
  const until = state.mode === "shared" ? "answered" : own;
  return [{ ...state, timerFor: state.booked }, [{ do: "wait", until }]];
}

function timer({ timerFor = 0, ...state }: DeliveryState): Step {
  if (state.mode === "own" || state.written < timerFor || state.notices > 0) return flush(state);
  const [cleared, effects] = clear(state);
  const [waiting, wait] = schedule(cleared);
  return [waiting, [...effects, ...wait]];
}

function flush(state: DeliveryState): Step {
  if (state.mode === "writing") return [state, []];
  const [cleared, effects] = clear(state);
  return [{ ...cleared, mode: "writing" }, [...effects, { do: "write" }]];
}

function recorded(state: DeliveryState, upTo: number): Step {
  const written = Math.max(state.written, upTo);
  return clear({ ...state, written, booked: Math.max(state.booked, upTo) });
}

function ended(state: DeliveryState, ok: boolean, notices: number): DeliveryState {
  const isEmpty = state.booked === state.written && notices === 0;
  return { ...state, notices, mode: isEmpty ? "shared" : "own", failures: ok ? 0 : state.failures + 1 };
}

function clear(state: DeliveryState): Step {
  if (state.written <= state.cleared) return [state, []];
  return [{ ...state, cleared: state.written }, [{ do: "clear", upTo: state.written }]];
}

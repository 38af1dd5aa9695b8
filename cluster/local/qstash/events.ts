/** The log of what happened to messages: in memory, the newest only. */
import type { Clock } from "./clock.ts";
import type { Message, Outcome } from "./message.ts";

export type EventState =
  | "CREATED"
  | "ACTIVE"
  | "DELIVERED"
  | "ERROR"
  | "RETRY"
  | "FAILED"
  | "CANCEL_REQUESTED"
  | "CANCELED";

export interface Event {
  /** Rising; the cursor of the list. */
  number: number;
  time: number;
  state: EventState;
  message: Message;
  nextDeliveryTime?: number | undefined;
  outcome?: Outcome | undefined;
}

export interface EventLog {
  add(state: EventState, message: Message, more?: Pick<Event, "nextDeliveryTime" | "outcome">): void;
  newestFirst(): Event[];
}

/** QStash keeps the last 10,000. */
const KEPT = 10_000;

export function createEventLog(clock: Clock): EventLog {
  const events: Event[] = [];
  let number = 0;
  return {
    add(state, message, more = {}) {
      number += 1;
      events.push({ number, time: clock.now(), state, message, ...more });
      if (events.length > KEPT * 1.1) events.splice(0, events.length - KEPT);
    },
    newestFirst: () => events.toReversed(),
  };
}

/** The parts of the stand-in and what they share. */
import { type Clock, systemClock } from "./clock.ts";
import { createDeduplicator, type Deduplicator, type Seen } from "./dedup.ts";
import { createDeadLetters, type DeadLetters } from "./dlq.ts";
import { createEventLog, type EventLog } from "./events.ts";
import { createFaults, type Faults } from "./faults.ts";
import { createFlowControl, type FlowControl, type FlowKey } from "./flow-control.ts";
import type { DeadMessage, Message, Queue, Schedule, UrlGroup } from "./message.ts";
import { createKeyRing, type KeyRing, type SigningKeys } from "./sign.ts";
import { openStore, type Table } from "./store.ts";

export interface QStashOptions {
  /** What clients must send as their bearer token. */
  token: string;
  currentSigningKey: string;
  nextSigningKey: string;
  /** The time of day alone; timers stay real. */
  now?: (() => number) | undefined;
  /** Time and timers together, for tests that do not wait; wins over `now`. */
  clock?: Clock | undefined;
  fetch?: typeof fetch | undefined;
  /** Multiplies delays, retries, timeouts and flow control's periods: 0.01 makes 12 s 120 ms. Cron is left alone. */
  timeScale?: number | undefined;
  /** A file that everything is kept in, so that a restart loses no message. Absent: in memory. */
  storage?: string | undefined;
}

export interface Core {
  clock: Clock;
  fetch: typeof fetch;
  timeScale: number;
  messages: Table<Message>;
  queues: Table<Queue>;
  schedules: Table<Schedule>;
  urlGroups: Table<UrlGroup>;
  deadLetters: DeadLetters;
  dedup: Deduplicator;
  flow: FlowControl;
  events: EventLog;
  keyRing: KeyRing;
  faults: Faults;
}

export function createCore(options: QStashOptions): Core {
  const store = openStore(options.storage);
  const clock = options.clock ?? systemClock(options.now);
  const timeScale = options.timeScale ?? 1;
  const configured = { current: options.currentSigningKey, next: options.nextSigningKey };
  return {
    clock,
    timeScale,
    fetch: options.fetch ?? fetch,
    messages: store.table<Message>("messages"),
    queues: store.table<Queue>("queues"),
    schedules: store.table<Schedule>("schedules"),
    urlGroups: store.table<UrlGroup>("urlGroups"),
    deadLetters: createDeadLetters(store.table<DeadMessage>("deadLetters")),
    dedup: createDeduplicator(store.table<Seen>("seen"), clock),
    flow: createFlowControl(store.table<FlowKey>("flow"), clock, timeScale),
    events: createEventLog(clock),
    keyRing: createKeyRing(store.table<SigningKeys>("keys"), configured),
    faults: createFaults(),
  };
}

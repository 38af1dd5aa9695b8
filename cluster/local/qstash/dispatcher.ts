/** Delivers what is due, again and again, and keeps what came of it. */
import { planDeliveries } from "./admission.ts";
import type { Core } from "./core.ts";
import type { Message } from "./message.ts";
import { attempt, keep, takeBack } from "./message-life.ts";

export interface Dispatcher {
  /** Keeps the messages; they are delivered as soon as they may be. */
  accept(messages: Message[]): void;
  /** Looks for work soon: something has changed. */
  wake(): void;
  /** Takes a message back. False: it is gone already. One under way may still arrive. */
  cancel(messageId: string): boolean;
  runningCount(): number;
  /** Resolves when nothing is under way and nothing may start before time passes or something changes. */
  idle(): Promise<void>;
  /** Gives up what is under way (it stays kept, and is delivered again after a restart). */
  close(): Promise<void>;
}

/** Deliveries at once over all keys and queues. */
export const GLOBAL_PARALLELISM = 100;

/** `dueElsewhere` runs first on every look (schedules) and says when it must run again. */
export function createDispatcher(core: Core, dueElsewhere: () => number | undefined): Dispatcher {
  const running = new Map<string, Promise<void>>();
  const stop = new AbortController();
  let cancelTimer = () => {};
  let woken = false;
  let quiet = Promise.withResolvers<void>();

  function look(): void {
    woken = false;
    cancelTimer();
    if (stop.signal.aborted) return;
    const elsewhere = dueElsewhere();
    const now = core.clock.now();
    const plan = planDeliveries({
      messages: core.messages.values(),
      isRunning: (messageId) => running.has(messageId),
      capacity: GLOBAL_PARALLELISM - running.size,
      queue: core.queues.get,
      admit: ({ settings }) => (settings.flowControl ? core.flow.admit(settings.flowControl.key) : { admitted: true }),
      now,
    });
    for (const message of plan.start) start(message);
    const next = Math.min(plan.lookAgainAt ?? Number.POSITIVE_INFINITY, elsewhere ?? Number.POSITIVE_INFINITY);
    if (next < Number.POSITIVE_INFINITY) cancelTimer = core.clock.after(next - now, look);
    if (running.size === 0) tellQuiet();
  }

  function tellQuiet(): void {
    quiet.resolve();
    quiet = Promise.withResolvers();
  }

  /** Many publishes in one turn are one look. */
  function wake(): void {
    if (woken) return;
    woken = true;
    queueMicrotask(look);
  }

  function start(message: Message): void {
    core.events.add("ACTIVE", message);
    const key = message.settings.flowControl?.key;
    const done = attempt(core, message, stop.signal).finally(() => {
      running.delete(message.messageId);
      if (key !== undefined) core.flow.release(key);
      wake();
    });
    running.set(message.messageId, done);
  }

  return {
    accept(messages) {
      for (const message of messages) keep(core, message);
      wake();
    },
    wake,
    cancel(messageId) {
      const found = takeBack(core, messageId);
      if (found) wake();
      return found;
    },
    runningCount: () => running.size,
    idle() {
      if (stop.signal.aborted) return Promise.resolve();
      wake();
      return quiet.promise;
    },
    async close() {
      stop.abort();
      cancelTimer();
      await Promise.all(running.values());
      tellQuiet();
    },
  };
}

/** Delivers what is due, again and again, and keeps what came of it. */
import { planDeliveries } from "./admission.ts";
import { judge } from "./backoff.ts";
import { callbackMessage } from "./callbacks.ts";
import type { Core } from "./core.ts";
import { deliver } from "./deliver.ts";
import type { CallbackTarget, Message, Outcome } from "./message.ts";

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
  let waiters: (() => void)[] = [];

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
    if (running.size === 0) {
      for (const resolve of waiters) resolve();
      waiters = [];
    }
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
    const done = runOnce(message).finally(() => {
      running.delete(message.messageId);
      if (key !== undefined) core.flow.release(key);
      wake();
    });
    running.set(message.messageId, done);
  }

  async function runOnce(message: Message): Promise<void> {
    if (core.faults.strikes("drop")) {
      core.messages.delete(message.messageId);
      return;
    }
    const attempt = () => deliver({ ...core, message, signingKey: core.keyRing.keys().current, signal: stop.signal });
    let outcome = await attempt();
    if (outcome.status >= 200 && outcome.status < 300 && core.faults.strikes("duplicate")) outcome = await attempt();
    if (!stop.signal.aborted && core.messages.get(message.messageId)) settle(core, message, outcome);
  }

  return {
    accept(messages) {
      for (const message of messages) keep(core, message);
      wake();
    },
    wake,
    cancel(messageId) {
      const message = core.messages.get(messageId);
      if (!message) return false;
      core.events.add("CANCEL_REQUESTED", message);
      core.messages.delete(messageId);
      core.events.add("CANCELED", message);
      wake();
      return true;
    },
    runningCount: () => running.size,
    idle() {
      if (stop.signal.aborted) return Promise.resolve();
      wake();
      return new Promise((resolve) => waiters.push(resolve));
    },
    async close() {
      stop.abort();
      cancelTimer();
      await Promise.all(running.values());
      for (const resolve of waiters) resolve();
      waiters = [];
    },
  };
}

function keep(core: Core, message: Message): void {
  if (message.settings.flowControl) core.flow.configure(message.settings.flowControl);
  core.messages.set(message.messageId, message);
  core.events.add("CREATED", message);
}

/** A callback follows every attempt, a failure callback the last one that failed. */
function settle(core: Core, message: Message, outcome: Outcome): void {
  const { callback, failureCallback } = message.settings;
  const now = core.clock.now();
  const verdict = judge(message, outcome, now);
  if (callback) keep(core, callbackFor(core, callback, message, outcome));
  if (verdict.kind !== "delivered") core.events.add("ERROR", message, { outcome });
  switch (verdict.kind) {
    case "delivered":
      core.messages.delete(message.messageId);
      core.events.add("DELIVERED", message);
      return;
    case "retry": {
      const dueAt = now + verdict.delayMs * core.timeScale;
      core.messages.set(message.messageId, { ...message, retried: message.retried + 1, dueAt });
      core.events.add("RETRY", message, { nextDeliveryTime: dueAt });
      return;
    }
    case "failed": {
      const { dlqId } = core.deadLetters.add(message, outcome, now);
      if (failureCallback) keep(core, callbackFor(core, failureCallback, message, outcome, dlqId));
      core.messages.delete(message.messageId);
      core.events.add("FAILED", message);
    }
  }
}

function callbackFor(core: Core, target: CallbackTarget, message: Message, outcome: Outcome, dlqId?: string): Message {
  const now = core.clock.now();
  const dueAt = now + target.settings.delayMs * core.timeScale;
  return callbackMessage(target, message, outcome, { now, dueAt }, dlqId);
}

/** Which of the waiting messages may start now. Decides only; the dispatcher starts them. */
import type { Admission } from "./flow-control.ts";
import type { Message, Queue } from "./message.ts";

export interface Waiting {
  /** In the order of their acceptance. */
  messages: Iterable<Message>;
  isRunning(messageId: string): boolean;
  /** How many more deliveries may run at once, over all. */
  capacity: number;
  queue(name: string): Queue | undefined;
  /** Counts the message against its flow control key, if it may start. */
  admit(message: Message): Admission;
  now: number;
}

export interface Plan {
  start: Message[];
  /** When to look again, if nothing else happens before. */
  lookAgainAt?: number | undefined;
}

/**
 * A queue's first `parallelism` messages are the only ones that may run, whether they run, wait for a retry or are
 * delayed: the head blocks those behind it. A message whose callbacks are still under way keeps its place.
 */
export function planDeliveries(waiting: Waiting): Plan {
  const plan: Plan = { start: [] };
  const messages = [...waiting.messages];
  const slots = createSlots(messages, waiting);
  for (const message of messages) {
    const hasSlot = message.queueName === undefined || slots.take(message.queueName);
    if (!hasSlot || waiting.isRunning(message.messageId)) continue;
    if (message.queueName !== undefined && waiting.queue(message.queueName)?.paused) continue;
    if (message.dueAt > waiting.now) lookAgain(plan, message.dueAt);
    else if (plan.start.length < waiting.capacity) tryStart(plan, message, waiting);
  }
  return plan;
}

function tryStart(plan: Plan, message: Message, waiting: Waiting): void {
  const admission = waiting.admit(message);
  if (admission.admitted) plan.start.push(message);
  else if (admission.tryAt !== undefined) lookAgain(plan, admission.tryAt);
}

function lookAgain(plan: Plan, at: number): void {
  plan.lookAgainAt = Math.min(plan.lookAgainAt ?? at, at);
}

function createSlots(messages: Message[], waiting: Waiting): { take(queueName: string): boolean } {
  const present = new Set(messages.map((message) => message.messageId));
  const held = new Map<string, Set<string>>();
  for (const { source } of messages) {
    if (!source || present.has(source.messageId)) continue;
    held.set(source.queueName, (held.get(source.queueName) ?? new Set()).add(source.messageId));
  }
  const left = new Map<string, number>();
  return {
    take(queueName) {
      const free =
        left.get(queueName) ?? (waiting.queue(queueName)?.parallelism ?? 1) - (held.get(queueName)?.size ?? 0);
      left.set(queueName, free - 1);
      return free > 0;
    },
  };
}

/** The dead letter queue: messages that ran out of retries, or were refused for good. */
import type { DeadMessage, Message, Outcome } from "./message.ts";
import type { Table } from "./store.ts";

export interface DeadLetters {
  add(message: Message, outcome: Outcome, now: number): DeadMessage;
  get(dlqId: string): DeadMessage | undefined;
  remove(dlqId: string): boolean;
  /** Earliest first. */
  all(): DeadMessage[];
}

export function createDeadLetters(table: Table<DeadMessage>): DeadLetters {
  const newDlqId = createDlqIds(table);
  return {
    add(message, outcome, failedAt) {
      const dead = { dlqId: newDlqId(failedAt), message, outcome, failedAt };
      table.set(dead.dlqId, dead);
      return dead;
    },
    get: (dlqId) => table.get(dlqId),
    remove: (dlqId) => table.delete(dlqId),
    all: () => [...table.values()].sort((a, b) => compareIds(a.dlqId, b.dlqId)),
  };
}

/** `<milliseconds>-<number>`, as QStash's look; never one that was given before, even if its message is gone. */
function createDlqIds(table: Table<DeadMessage>): (now: number) => string {
  let last = { time: 0, number: 0 };
  return (now) => {
    do {
      last = { time: now, number: now === last.time ? last.number + 1 : 0 };
    } while (table.get(`${last.time}-${last.number}`));
    return `${last.time}-${last.number}`;
  };
}

export function compareIds(a: string, b: string): number {
  const [aTime = 0, aNumber = 0] = a.split("-").map(Number);
  const [bTime = 0, bNumber = 0] = b.split("-").map(Number);
  return aTime - bTime || aNumber - bNumber;
}

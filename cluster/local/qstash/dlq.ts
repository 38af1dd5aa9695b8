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
  return {
    add(message, outcome, failedAt) {
      const dead = { dlqId: freeId(table, failedAt), message, outcome, failedAt };
      table.set(dead.dlqId, dead);
      return dead;
    },
    get: (dlqId) => table.get(dlqId),
    remove: (dlqId) => table.delete(dlqId),
    all: () => [...table.values()].sort((a, b) => compareIds(a.dlqId, b.dlqId)),
  };
}

/** `<milliseconds>-<number>`, as QStash's look. */
function freeId(table: Table<DeadMessage>, now: number): string {
  for (let number = 0; ; number++) {
    const id = `${now}-${number}`;
    if (!table.get(id)) return id;
  }
}

export function compareIds(a: string, b: string): number {
  const [aTime = 0, aNumber = 0] = a.split("-").map(Number);
  const [bTime = 0, bNumber = 0] = b.split("-").map(Number);
  return aTime - bTime || aNumber - bNumber;
}

import { randomUUID } from "node:crypto";
import type { Draft, Message } from "./message.ts";

const KEPT = 500;

/** The messages that were sent, the oldest first; the oldest go when there are too many. */
export class Mailbox {
  readonly #now: () => number;
  readonly #messages: Message[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  add(draft: Draft): Message {
    const message = { ...draft, id: randomUUID(), created_at: new Date(this.#now()).toISOString() };
    this.#messages.push(message);
    if (this.#messages.length > KEPT) this.#messages.shift();
    return message;
  }

  find(id: string): Message | undefined {
    return this.#messages.find((message) => message.id === id);
  }

  all(): Message[] {
    return [...this.#messages];
  }
}

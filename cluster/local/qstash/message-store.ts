import { appendFileSync } from "node:fs";
import { readIfThere, writeAtomically } from "#cluster/system/atomic-file.ts";
import type { Message } from "./message.ts";

/** QStash takes a message whose `Upstash-Deduplication-Id` it saw within ten minutes for the same. */
const WINDOW_MS = 10 * 60_000;

/**
 * The messages that wait, and those that are through but recent. With a path they outlive a restart: every change is
 * a line of a journal (the message as it is now), written before the publish is answered; a restart tidies it.
 */
export class MessageStore {
  readonly #messages = new Map<string, Message>();
  readonly #path: string | undefined;
  #isBroken = false;

  constructor(path: string | undefined, now: number) {
    this.#path = path;
    if (!path) return;
    for (const message of readJournal(path)) this.#messages.set(message.messageId, message);
    this.#forgetOld(now);
    writeAtomically(path, this.all().map(line).join(""));
  }

  /** In the order of their acceptance. */
  all(): Message[] {
    return [...this.#messages.values()];
  }

  /** The message that was published under the same id within the window. */
  findDuplicate({ deduplicationId, createdAt }: Message): Message | undefined {
    if (deduplicationId === undefined) return undefined;
    const isSame = (other: Message) =>
      other.deduplicationId === deduplicationId && other.createdAt > createdAt - WINDOW_MS;
    return this.all().find(isSame);
  }

  /** Takes a message that is published. @throws where it can't be stored; it isn't taken then */
  put(message: Message, now: number): void {
    this.#forgetOld(now);
    this.#write([...this.all(), message], message);
    this.#messages.set(message.messageId, message);
  }

  /** Notes what became of a message. If that can't be stored now, it is with the next message. */
  update(message: Message, now: number): void {
    this.#messages.set(message.messageId, message);
    this.#forgetOld(now);
    try {
      this.#write(this.all(), message);
    } catch (error) {
      console.warn(`The queue can't store its messages, and goes on without: ${(error as Error).message}`);
    }
  }

  /** A write that fails may leave a part of its line: the journal is then written anew. */
  #write(all: readonly Message[], newest: Message): void {
    if (!this.#path) return;
    const wasBroken = this.#isBroken;
    this.#isBroken = true;
    if (wasBroken) writeAtomically(this.#path, all.map(line).join(""));
    else appendFileSync(this.#path, line(newest));
    this.#isBroken = false;
  }

  #forgetOld(now: number): void {
    for (const { messageId, createdAt, state } of this.#messages.values()) {
      if (createdAt > now - WINDOW_MS) return;
      if (state !== "waiting") this.#messages.delete(messageId);
    }
  }
}

const line = (message: Message): string => `${JSON.stringify(message)}\n`;

/** Ignores an incomplete last line: its publish was never answered. */
function readJournal(path: string): Message[] {
  const lines = readIfThere(path)?.split("\n") ?? [];
  return lines.slice(0, -1).map((text, index) => {
    try {
      return JSON.parse(text) as Message;
    } catch {
      throw new Error(`${path} is damaged at line ${index + 1}: delete the file to start empty`);
    }
  });
}

/**
 * Writes the settled usage of all meters of an isolate to the ledger: one statement for many customers. One of the objects
 * has the turn and writes for all. Only plain data and callbacks that touch memory pass between objects, never a promise or
 * a connection. No event depends on it: its row stays in its object's storage until that object knows that it is
 * written, and an object without an answer in time writes its own.
 */

import type { Ledger, UsageEvent } from "../../contracts/meter.ts";

/** This many events are written at once, without waiting; also the most in one statement. */
export const BATCH = 100;
/** The most waiting entries; more than arrive during one statement. */
const MAX_WAITING = 5_000;
/** A turn this late has died with its object. Longer than a statement may take. */
const LOST_MS = 15_000;

export interface Entry {
  event: UsageEvent;
  /** False if its object has written it or is about to: then it is left out. Called like `written`. */
  wanted(): boolean;
  /** The ledger has it. Called in another object's turn, so it may only touch its own memory. */
  written(): void;
  /** It may not be written, so its object has to write it. Called like `written`. */
  returned(): void;
}

export interface BatchWriter {
  /** Adds an event that is on its object's disk. Called by that object, which may get the turn to write. */
  enqueue(entry: Entry): void;
}

const writers = new WeakMap<Ledger, BatchWriter>();

/** The isolate's one writer into this ledger. */
export function batchWriter(ledger: Ledger): BatchWriter {
  const known = writers.get(ledger) ?? createBatchWriter(ledger);
  writers.set(ledger, known);
  return known;
}

export function createBatchWriter(ledger: Pick<Ledger, "gatherMs" | "record">): BatchWriter {
  const waiting = new Set<Entry>();
  let turn: { at: number; full: boolean } | undefined;
  let writing: { since: number } | undefined;

  /** Gives the next turn to the calling object, unless another has it. */
  function arrange(): void {
    const now = Date.now();
    const full = waiting.size >= BATCH;
    if (writing && now - writing.since < LOST_MS) return;
    if (turn && now - turn.at < LOST_MS && (turn.full || !full)) return;
    const wait = full ? 0 : ledger.gatherMs();
    const mine = { at: now + wait, full };
    turn = mine;
    // An earlier turn's timer belongs to another object and can't be cleared: it will see that its turn has ended.
    setTimeout(() => {
      if (turn === mine) void write();
    }, wait);
  }

  async function write(): Promise<void> {
    const mine = { since: Date.now() };
    turn = undefined;
    writing = mine;
    while (await writeBatch()) mine.since = Date.now();
    if (writing === mine) writing = undefined;
  }

  /**
   * @returns whether the statement was full. If not, entries that arrived meanwhile wait for the next entry,
   * whose object then gets the turn, so that none keeps it.
   */
  async function writeBatch(): Promise<boolean> {
    for (const entry of waiting) if (!entry.wanted()) waiting.delete(entry);
    const batch = [...waiting].slice(0, BATCH);
    if (batch.length === 0) return false;
    if (!(await record(batch))) {
      returnAll();
      return false;
    }
    for (const entry of batch) {
      waiting.delete(entry);
      entry.written();
    }
    return batch.length === BATCH;
  }

  /** Returns all waiting entries: each object then writes its own, so that one bad row fails only for its customer. */
  function returnAll(): void {
    for (const entry of waiting) entry.returned();
    waiting.clear();
  }

  async function record(batch: readonly Entry[]): Promise<boolean> {
    try {
      await ledger.record(batch.map(({ event }) => event));
      return true;
    } catch {
      return false;
    }
  }

  return {
    enqueue(entry) {
      if (waiting.size >= MAX_WAITING) {
        entry.returned();
        return;
      }
      waiting.add(entry);
      arrange();
    },
  };
}

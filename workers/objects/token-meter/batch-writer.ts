/**
 * Booked usage of all meters that live in the same isolate, brought to the ledger together: one statement for many
 * customers. Whoever's turn it is writes everybody's. Only plain data and callbacks that touch memory pass between the
 * objects, never a promise or a connection, and nothing depends on it: an event stays in its own object's storage until
 * that object knows that it is written, and an object that is not told in time writes its own.
 */

import type { Ledger, UsageEvent } from "../../contracts/meter.ts";

/** So many events go at once, without waiting, and no more in one statement. */
export const BATCH = 100;
/** More than are ever under way while the database answers. */
const MOST = 5_000;
/** A turn that is so late has died with its object; longer than a statement may take. */
const LOST_MS = 15_000;

export interface Entry {
  event: UsageEvent;
  /** False where its object has written it, or is about to: then it is left out. Called like `written`. */
  wanted(): boolean;
  /** The ledger has it. Called in another object's turn: it may touch memory of its own, nothing else. */
  written(): void;
  /** It was not written; its object must. Called like `written`. */
  returned(): void;
}

export interface BatchWriter {
  /** Takes what is on its object's disk. Called in that object's own turn, which may become the one that writes. */
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

  /** Sees to it that somebody has the next turn: the object that calls, where nobody has. */
  function arrange(): void {
    const now = Date.now();
    const full = waiting.size >= BATCH;
    if (writing && now - writing.since < LOST_MS) return;
    if (turn && now - turn.at < LOST_MS && (turn.full || !full)) return;
    const wait = full ? 0 : ledger.gatherMs();
    const mine = { at: now + wait, full };
    turn = mine;
    // An earlier turn's timer is another object's and can't be cleared: it finds that its turn is over.
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
   * @returns whether the statement was full. What came while one that was not full was written waits for the next entry,
   * whose object then has the turn: nobody has it for ever.
   */
  async function writeBatch(): Promise<boolean> {
    for (const entry of waiting) if (!entry.wanted()) waiting.delete(entry);
    const batch = [...waiting].slice(0, BATCH);
    if (batch.length === 0) return false;
    if (!(await record(batch))) {
      giveBack();
      return false;
    }
    for (const entry of batch) {
      waiting.delete(entry);
      entry.written();
    }
    return batch.length === BATCH;
  }

  /** All that waits: whatever is wrong, its objects find out for themselves. */
  function giveBack(): void {
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
      if (waiting.size >= MOST) {
        entry.returned();
        return;
      }
      waiting.add(entry);
      arrange();
    },
  };
}

import type { UsageEvent } from "../../../contracts/meter.ts";
import { chargedTokens } from "../charge.ts";
import { parseOwn, type Rows } from "./rows.ts";

export interface Batch {
  events: UsageEvent[];
  /** The number of the newest of them; no other is as old. */
  upTo: number;
}

export interface Numbered {
  seq: number;
  event: UsageEvent;
}

/** Settled usage that waits for the ledger. Memory holds only the newest, because the database may be down for long. */
export function openEvents(rows: Rows) {
  let last = rows.number("select max(seq) as n from events") ?? 0;
  let waiting = rows.number("select count(*) as n from events") ?? 0;
  let fresh: Numbered[] = [];
  return {
    waiting: (): number => waiting,
    /** The number of the newest. */
    last: (): number => last,
    /** Ends the event's request; a correction ends none. */
    insert(event: UsageEvent): void {
      rows.run(
        "insert into events values (?, ?, ?, ?, ?)",
        last + 1,
        event.corrects === undefined ? event.id : null,
        event.periodStart,
        chargedTokens(event),
        JSON.stringify(event),
      );
    },
    /** In memory only: its row is written already. */
    added(event: UsageEvent): void {
      last++;
      waiting++;
      fresh.push({ seq: last, event });
    },
    /** The events added since the last call. */
    takeFresh(): Numbered[] {
      const taken = fresh;
      fresh = [];
      return taken;
    },
    /** The oldest. */
    next(limit: number): Batch {
      const found = rows.all("select seq, body from events order by seq limit ?", limit);
      return { events: found.map((row) => parseOwn<UsageEvent>(row.body)), upTo: Number(found.at(-1)?.seq ?? 0) };
    },
    drop(upTo: number): void {
      rows.run("delete from events where seq <= ?", upTo);
      waiting = Math.min(waiting, last - upTo);
    },
    /** Tokens of a period that wait to be written. */
    unwritten: (periodStart: number): number =>
      rows.number("select coalesce(sum(tokens), 0) as n from events where period_start = ?", periodStart) ?? 0,
  };
}

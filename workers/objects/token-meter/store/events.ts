import type { UsageEvent } from "../calls.ts";
import { chargedTokens } from "../charge.ts";
import { parseOwn, type Rows } from "./rows.ts";

/** Booked usage on its way to the ledger. Only its number is held in memory: an outage of the database may last. */
export function openEvents(rows: Rows) {
  let last =
    rows.number("select max(n) as n from (select max(seq) as n from events union select seq from folded)") ?? 0;
  let waiting = rows.number("select count(*) as n from events") ?? 0;
  return {
    waiting: (): number => waiting,
    /** Ends the request that the event is named after; a correction ends none. */
    add(event: UsageEvent): void {
      rows.run(
        "insert into events values (?, ?, ?, ?, ?)",
        last + 1,
        event.corrects === undefined ? event.id : null,
        event.periodStart,
        chargedTokens(event),
        JSON.stringify(event),
      );
      last++;
      waiting++;
    },
    /** The oldest, with the number of the newest among them. */
    next(limit: number): { events: UsageEvent[]; upTo: number } {
      const found = rows.all("select seq, body from events order by seq limit ?", limit);
      return { events: found.map((row) => parseOwn<UsageEvent>(row.body)), upTo: Number(found.at(-1)?.seq ?? 0) };
    },
    drop(upTo: number): void {
      rows.run("delete from events where seq <= ?", upTo);
      waiting = rows.number("select count(*) as n from events") ?? 0;
    },
    /** Tokens of a period that wait to be written. */
    unwritten: (periodStart: number): number =>
      rows.number("select coalesce(sum(tokens), 0) as n from events where period_start = ?", periodStart) ?? 0,
  };
}

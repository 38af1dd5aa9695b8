import type { Period } from "../../../contracts/meter.ts";
import type { Rows } from "./rows.ts";

/** Each period's sum. In memory it is complete; the table leaves out the events that wait for the ledger. */
export function openPeriods(rows: Rows) {
  const known = new Map<number, Period & { settled: number }>();
  const WAITING = "(select coalesce(sum(tokens), 0) from events where events.period_start = periods.start_at)";
  for (const row of rows.all(`select start_at, end_at, settled + ${WAITING} as settled from periods`)) {
    const [start, end, settled] = [Number(row.start_at), Number(row.end_at), Number(row.settled)];
    known.set(start, { start, end, settled });
  }
  return {
    /** The period's sum, started at `booked` tokens if it is new; the newest end wins. */
    open({ start, end }: Period, booked: number): number {
      const row = known.get(start);
      if (row?.end === end) return row.settled;
      rows.run(
        "insert into periods values (?, ?, ?) on conflict (start_at) do update set end_at = excluded.end_at",
        start,
        end,
        booked,
      );
      const settled = row?.settled ?? booked;
      known.set(start, { start, end, settled });
      return settled;
    },
    settled: (start: number): number | undefined => known.get(start)?.settled,
    /** In memory only: the event's row is written already. */
    add(start: number, tokens: number): void {
      const row = known.get(start);
      if (row) row.settled += tokens;
    },
    /** In the table, before the events' rows are deleted. */
    keep(upTo: number): void {
      rows.run(
        `update periods set settled = settled +
          (select coalesce(sum(tokens), 0) from events where period_start = start_at and seq <= ?)`,
        upTo,
      );
    },
  };
}

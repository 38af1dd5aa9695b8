/**
 * The meter's state: in memory, where requests are decided, and in the object's SQLite, so that an eviction loses
 * nothing. Every change is on disk before its call answers (the object's output gate waits), and is written before memory
 * changes: a failed write leaves memory as it was.
 */
import type { MeterSnapshot, Notice, Period, UsageEvent } from "../../../contracts/meter.ts";
import { chargedTokens } from "../charge.ts";
import { openEvents } from "./events.ts";
import { openGuesses } from "./guesses.ts";
import { openNotices } from "./notices.ts";
import { openPeriods } from "./periods.ts";
import { openReservations, type Sums } from "./reservations.ts";
import { openRows, parseOwn } from "./rows.ts";
import { prepareTables } from "./tables.ts";

export interface PeriodRow extends Period, Sums {
  settled: number;
}

export type MeterStore = ReturnType<typeof openStore>;

export function openStore(storage: Pick<DurableObjectStorage, "sql" | "transactionSync">) {
  const rows = openRows(storage);
  prepareTables(rows);
  const periods = openPeriods(rows);
  const reservations = openReservations(rows);
  const events = openEvents(rows);
  const guesses = openGuesses(rows);
  const notices = openNotices(rows);

  return {
    reservations,
    events,
    guesses,
    notices,

    snapshot(): MeterSnapshot | undefined {
      const body = rows.all("select body from snapshot")[0]?.body;
      return body === undefined ? undefined : parseOwn<MeterSnapshot>(body);
    },
    keepSnapshot(snapshot: MeterSnapshot): void {
      rows.run("insert or replace into snapshot values (1, ?)", JSON.stringify(snapshot));
      reservations.keepBucketsOf(snapshot.tokens.map((token) => token.id));
    },

    /** The period, started at `booked` tokens if it is new. */
    period: ({ start, end }: Period, booked = 0): PeriodRow => ({
      start,
      end,
      settled: periods.open({ start, end }, booked),
      ...reservations.sums(start),
    }),
    settledOf: periods.settled,

    /** Adds an event: its request has ended, its tokens count, and it waits for the ledger. `guess`: the alarm estimated it. */
    book(event: UsageEvent, { guess = false } = {}): void {
      const mended = event.corrects;
      if (!guess && mended === undefined) events.insert(event);
      else {
        rows.together(() => {
          events.insert(event);
          if (mended === undefined) guesses.keep(event);
          else guesses.drop(mended);
        });
      }
      events.added(event);
      reservations.end(event.id);
      periods.add(event.periodStart, chargedTokens(event));
    },
    addNotice: (notice: Notice): void => notices.add(notice),
    /** Events and notices that Postgres does not have yet. */
    pending: (): number => events.waiting() + notices.waiting(),
    /** The ledger has the events up to this one: adds them to the sums and deletes their rows and their requests'. */
    written(upTo: number): void {
      rows.together(() => {
        periods.keep(upTo);
        reservations.dropEnded(upTo);
        events.drop(upTo);
      });
    },
  };
}

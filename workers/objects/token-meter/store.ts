/** The meter's rows in its object's own SQLite: every counter lives here, so that an eviction loses nothing. */
import type { Notice, UsageEvent } from "./calls.ts";
import type { MeterSnapshot, Period } from "./snapshot.ts";

const TABLES = `
  create table if not exists snapshot (one integer primary key check (one = 1), body text not null) strict;
  create table if not exists periods (
    start_at integer primary key, end_at integer not null, settled integer not null) strict;
  create table if not exists reservations (
    id text primary key, token_id text not null, box_id text, model text not null,
    period_start integer not null, period_end integer not null, max_output integer not null,
    held integer not null check (held >= 0), prompt_estimate integer not null, expires_at integer not null,
    risk integer not null default 0, lease integer not null default 0, produced integer not null default 0) strict;
  create index if not exists reservations_expires_at on reservations (expires_at);
  create index if not exists reservations_token_id on reservations (token_id);
  create table if not exists buckets (token_id text primary key, full_at real not null) strict;
  create table if not exists outbox (seq integer primary key autoincrement, body text not null) strict;
  create table if not exists guesses (id text primary key, at integer not null, body text not null) strict;
  create table if not exists notices (
    period_start integer primary key, body text not null, told integer not null default 0) strict;
`;

/** Columns that a table made by an earlier version lacks. */
const LATER = ["risk", "lease", "produced"] as const;

export interface PeriodRow extends Period {
  settled: number;
  /** Sums over the period's open reservations: counted, never kept beside them, so that the two can't drift apart. */
  reserved: number;
  risk: number;
  open: number;
}

export interface Reservation {
  id: string;
  tokenId: string;
  boxId: string | null;
  model: string;
  period: Period;
  maxOutput: number;
  held: number;
  /** How much more the prompt would take at its sound bound. */
  risk: number;
  /** Output tokens, part of what is held. */
  lease: number;
  /** Output tokens that the proxy has counted so far. */
  produced: number;
  promptEstimate: number;
  expiresAt: number;
}

type Row = Record<string, SqlStorageValue>;
export type MeterStore = ReturnType<typeof openStore>;

export function openStore(sql: SqlStorage) {
  const all = (query: string, ...values: SqlStorageValue[]): Row[] => sql.exec(query, ...values).toArray();
  const first = (query: string, ...values: SqlStorageValue[]): Row | undefined => all(query, ...values)[0];
  const number = (query: string, ...values: SqlStorageValue[]): number | undefined => {
    const value = first(query, ...values)?.n;
    return typeof value === "number" ? value : undefined;
  };

  return {
    migrate(): void {
      sql.exec(TABLES);
      const known = all("select name from pragma_table_info('reservations')").map((row) => row.name);
      for (const name of LATER.filter((one) => !known.includes(one))) {
        sql.exec(`alter table reservations add column ${name} integer not null default 0`);
      }
    },

    snapshot(): MeterSnapshot | undefined {
      const body = first("select body from snapshot")?.body;
      return body === undefined ? undefined : parseOwn<MeterSnapshot>(body);
    },
    keepSnapshot(snapshot: MeterSnapshot): void {
      sql.exec("insert or replace into snapshot values (1, ?)", JSON.stringify(snapshot));
      const ids = JSON.stringify(snapshot.tokens.map((token) => token.id));
      sql.exec("delete from buckets where token_id not in (select value from json_each(?))", ids);
    },

    /** The period's row, made with `booked` tokens where it is new; the newest end wins. */
    period({ start, end }: Period, booked = 0): PeriodRow {
      sql.exec(
        "insert into periods values (?, ?, ?) on conflict (start_at) do update set end_at = excluded.end_at where end_at <> excluded.end_at",
        start,
        end,
        booked,
      );
      const settled = number("select settled as n from periods where start_at = ?", start) ?? booked;
      const sums = first(
        "select coalesce(sum(held), 0) as reserved, coalesce(sum(risk), 0) as risk, count(*) as open from reservations where period_start = ?",
        start,
      );
      return {
        start,
        end,
        settled,
        reserved: Number(sums?.reserved),
        risk: Number(sums?.risk),
        open: Number(sums?.open),
      };
    },
    settledOf: (start: number): number | undefined =>
      number("select settled as n from periods where start_at = ?", start),
    keepSettled(start: number, settled: number): void {
      sql.exec("update periods set settled = ? where start_at = ?", settled, start);
    },

    bucket: (tokenId: string): number => number("select full_at as n from buckets where token_id = ?", tokenId) ?? 0,
    keepBucket(tokenId: string, fullAt: number): void {
      sql.exec("insert or replace into buckets values (?, ?)", tokenId, fullAt);
    },

    openOf: (tokenId: string): number =>
      number("select count(*) as n from reservations where token_id = ?", tokenId) ?? 0,
    reservation(id: string): Reservation | undefined {
      const row = first("select * from reservations where id = ?", id);
      return row && toReservation(row);
    },
    openReservations: (): Reservation[] => all("select * from reservations").map(toReservation),
    addReservation(it: Reservation): void {
      const { start, end } = it.period;
      const values = [it.id, it.tokenId, it.boxId, it.model, start, end, it.maxOutput, it.held, it.promptEstimate];
      sql.exec(
        `insert into reservations (id, token_id, box_id, model, period_start, period_end, max_output, held,
          prompt_estimate, expires_at, risk, lease, produced) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ...values,
        it.expiresAt,
        it.risk,
        it.lease,
        it.produced,
      );
    },
    keepReservation(it: Reservation): void {
      sql.exec(
        "update reservations set held = ?, risk = ?, lease = ?, produced = ?, prompt_estimate = ? where id = ?",
        it.held,
        it.risk,
        it.lease,
        it.produced,
        it.promptEstimate,
        it.id,
      );
    },
    dropReservation: (id: string): void => void sql.exec("delete from reservations where id = ?", id),
    expired: (now: number): Reservation[] =>
      all("select * from reservations where expires_at <= ? order by expires_at", now).map(toReservation),
    nextExpiry: (): number | undefined => number("select min(expires_at) as n from reservations"),

    addEvent: (event: UsageEvent): void => void sql.exec("insert into outbox (body) values (?)", JSON.stringify(event)),
    events: (limit: number): { seq: number; event: UsageEvent }[] =>
      all("select seq, body from outbox order by seq limit ?", limit).map((row) => ({
        seq: Number(row.seq),
        event: parseOwn<UsageEvent>(row.body),
      })),
    dropEvents(seqs: readonly number[]): void {
      sql.exec("delete from outbox where seq in (select value from json_each(?))", JSON.stringify(seqs));
    },
    pending: (): number =>
      number("select (select count(*) from outbox) + (select count(*) from notices where told = 0) as n") ?? 0,
    /** Tokens of a period that wait to be written. */
    unwritten: (periodStart: number): number =>
      number(
        `select coalesce(sum(json_extract(body, '$.inputTokens') + json_extract(body, '$.outputTokens')), 0) as n
         from outbox where json_extract(body, '$.periodStart') = ?`,
        periodStart,
      ) ?? 0,

    /** What was booked without anybody's word: kept until the true figures may still come. */
    guess(id: string): UsageEvent | undefined {
      const body = first("select body from guesses where id = ?", id)?.body;
      return body === undefined ? undefined : parseOwn<UsageEvent>(body);
    },
    keepGuess: (event: UsageEvent): void =>
      void sql.exec("insert into guesses values (?, ?, ?)", event.id, event.occurredAt, JSON.stringify(event)),
    dropGuess: (id: string): void => void sql.exec("delete from guesses where id = ?", id),
    dropGuessesBefore: (time: number): void => void sql.exec("delete from guesses where at < ?", time),

    /** Nothing where the period has its notice already. */
    addNotice: (notice: Notice): void =>
      void sql.exec(
        "insert or ignore into notices (period_start, body) values (?, ?)",
        notice.periodStart,
        JSON.stringify(notice),
      ),
    untold: (): Notice[] => all("select body from notices where told = 0").map(({ body }) => parseOwn<Notice>(body)),
    keepTold: (periodStart: number): void =>
      void sql.exec("update notices set told = 1 where period_start = ?", periodStart),
  };
}

/** JSON that this object wrote itself. */
function parseOwn<T>(body: SqlStorageValue | undefined): T {
  return JSON.parse(String(body)) as T;
}

function toReservation(row: Row): Reservation {
  return {
    id: String(row.id),
    tokenId: String(row.token_id),
    boxId: row.box_id === null ? null : String(row.box_id),
    model: String(row.model),
    period: { start: Number(row.period_start), end: Number(row.period_end) },
    maxOutput: Number(row.max_output),
    held: Number(row.held),
    risk: Number(row.risk),
    lease: Number(row.lease),
    produced: Number(row.produced),
    promptEstimate: Number(row.prompt_estimate),
    expiresAt: Number(row.expires_at),
  };
}

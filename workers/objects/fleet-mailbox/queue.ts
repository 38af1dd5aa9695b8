import type { Offer } from "../../contracts/mailbox.ts";

/**
 * The offers of a mailbox, and the order of boxes. `heads` holds the oldest offer of each box in that
 * order, so that finding the next costs a few rows however many jobs wait. Times are ms.
 */

/**
 * `rank`: since when a box waits: the later of its last grant and the time from which its oldest job may run. Boxes take
 * turns in this order, so a box with a thousand jobs gets one turn like all others. `served`: of two boxes with the
 * same rank, the one with a grant at that time comes second. `busy`: a job of the box is running. `background`:
 * nobody waits for the job, so it comes after all others.
 */
const TABLES = `
  create table if not exists offers (
    job_id text primary key, box_id text not null, seq integer not null, available_at integer not null
  ) strict;
  create index if not exists offers_box on offers (box_id, seq);
  drop index if exists offers_available;
  create table if not exists turns (box_id text primary key, granted_at integer not null) strict;
  create table if not exists heads (
    box_id text primary key, job_id text not null, seq integer not null, rank integer not null, served integer not null,
    busy integer not null
  ) strict;`;

/** Needs the column `background`, which older mailboxes lack. */
const INDEXES = `
  drop index if exists heads_turn;
  create index if not exists heads_order on heads (busy, background, rank, served, seq);`;

/** A grant longer ago than this does not count for the order. */
const TURN_MS = 3_600_000;

const HEAD = `insert or replace into heads (box_id, job_id, seq, rank, served, busy, background)
  select o.box_id, o.job_id, o.seq, max(o.available_at, coalesce(t.granted_at, 0)),
    coalesce(t.granted_at, 0) >= o.available_at,
    exists (select 1 from leases l where l.box_id = o.box_id), o.background
  from offers o left join turns t on t.box_id = o.box_id where o.box_id = ? order by o.seq limit 1`;

/** Needs the table of leases. */
export function createQueue(sql: SqlStorage) {
  sql.exec(TABLES);
  for (const table of ["offers", "heads"] as const) addFlag(sql, table, "background");
  sql.exec(INDEXES);
  const queue = {
    /** A box's offers or leases have changed. */
    refresh(boxId: string): void {
      if (sql.exec(HEAD, boxId).rowsWritten === 0) sql.exec("delete from heads where box_id = ?", boxId);
    },
    /** A repeated offer, or one of a job that is held, changes nothing. */
    offer({ jobId, boxId, seq, availableAt, background = false }: Offer): void {
      sql.exec(
        `insert into offers (job_id, box_id, seq, available_at, background)
         select ?1, ?2, ?3, ?4, ?5 where not exists (select 1 from leases where job_id = ?1)
         on conflict (job_id) do update set available_at = min(available_at, excluded.available_at)`,
        jobId,
        boxId,
        seq,
        availableAt,
        Number(background),
      );
      queue.refresh(boxId);
    },
    drop(jobId: string): void {
      for (const boxId of boxesOf(jobId, "delete from offers where job_id = ? returning box_id")) queue.refresh(boxId);
    },
    postpone(jobId: string, availableAt: number): void {
      const boxes = boxesOf(
        jobId,
        "update offers set available_at = ?2 where job_id = ?1 returning box_id",
        availableAt,
      );
      for (const boxId of boxes) queue.refresh(boxId);
    },
    /** Records a grant: the box now comes after the other waiting ones. */
    granted(jobId: string, boxId: string, now: number): void {
      sql.exec("delete from offers where job_id = ?", jobId);
      sql.exec("insert or replace into turns (box_id, granted_at) values (?, ?)", boxId, now);
      sql.exec("delete from turns where granted_at < ?", now - TURN_MS);
      queue.refresh(boxId);
    },
    /**
     * What may be granted now: the oldest job of each box without a running one, in the order of their turns. Background
     * jobs come last, `inBackground` of them at most.
     */
    next(now: number, limit: number, inBackground = limit): Offer[] {
      const wanted = turns(now, limit, false);
      return [...wanted, ...turns(now, Math.min(limit - wanted.length, inBackground), true)];
    },
    /** When the next delayed job may be granted. */
    nextAvailable(now: number): number | undefined {
      const soonest = (background: number) =>
        sql
          .exec("select min(rank) as at from heads where busy = 0 and background = ? and rank > ?", background, now)
          .one().at;
      const times = [soonest(0), soonest(1)].filter((at) => at !== null).map(Number);
      return times.length > 0 ? Math.min(...times) : undefined;
    },
  };
  const turns = (now: number, limit: number, background: boolean): Offer[] => {
    const rows = sql.exec(
      `select h.job_id, h.box_id, h.seq, o.available_at from heads h join offers o on o.job_id = h.job_id
       where h.busy = 0 and h.background = ? and h.rank <= ? order by h.rank, h.served, h.seq limit ?`,
      Number(background),
      now,
      Math.max(0, limit),
    );
    return rows.toArray().map((row) => ({
      jobId: String(row.job_id),
      boxId: String(row.box_id),
      seq: Number(row.seq),
      availableAt: Number(row.available_at),
      background,
    }));
  };
  const boxesOf = (jobId: string, statement: string, ...more: number[]): string[] =>
    sql
      .exec(statement, jobId, ...more)
      .toArray()
      .map((row) => String(row.box_id));

  // For mailboxes that are older than the table `heads`.
  const headless = sql.exec("select distinct box_id from offers where box_id not in (select box_id from heads)");
  for (const row of headless.toArray()) queue.refresh(String(row.box_id));
  return queue;
}

/** For tables that may be older than the column. */
export function addFlag(
  sql: SqlStorage,
  table: "offers" | "heads" | "leases",
  column: "background" | "stopping",
): void {
  const columns = sql.exec(`select name from pragma_table_info('${table}')`).toArray();
  if (columns.some(({ name }) => name === column)) return;
  sql.exec(`alter table ${table} add column ${column} integer not null default 0`);
}

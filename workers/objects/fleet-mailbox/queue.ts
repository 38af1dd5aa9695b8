/**
 * The offers of a mailbox, and whose turn it is. Of each box the oldest offer stands at its head; heads are kept in the
 * order of their turns, so that a look costs a few rows however many jobs wait. Times are ms.
 */
import type { Offer } from "../../services/jobs/offer.ts";

/**
 * `rank`: since when a box waits for its turn: its head may run from then on, and it was granted nothing since. So who
 * comes later waits behind who came before, and a box with a thousand jobs gets one turn like all others. `served`: of
 * two who wait since the same moment, that one had something then. `busy`: a job of the box is under way.
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
  ) strict;
  create index if not exists heads_turn on heads (busy, rank, served, seq);`;

/** A box that was not granted anything for so long has no turn to wait for. */
const TURN_MS = 3_600_000;

const HEAD = `insert or replace into heads (box_id, job_id, seq, rank, served, busy)
  select o.box_id, o.job_id, o.seq, max(o.available_at, coalesce(t.granted_at, 0)),
    coalesce(t.granted_at, 0) >= o.available_at,
    exists (select 1 from leases l where l.box_id = o.box_id)
  from offers o left join turns t on t.box_id = o.box_id where o.box_id = ? order by o.seq limit 1`;

/** Needs the table of leases. */
export function createQueue(sql: SqlStorage) {
  sql.exec(TABLES);
  const queue = {
    /** A box's offers or leases have changed. */
    refresh(boxId: string): void {
      if (sql.exec(HEAD, boxId).rowsWritten === 0) sql.exec("delete from heads where box_id = ?", boxId);
    },
    /** The same offer twice, or one of a job that is held, changes nothing. */
    offer({ jobId, boxId, seq, availableAt }: Offer): void {
      sql.exec(
        `insert into offers (job_id, box_id, seq, available_at)
         select ?1, ?2, ?3, ?4 where not exists (select 1 from leases where job_id = ?1)
         on conflict (job_id) do update set available_at = min(available_at, excluded.available_at)`,
        jobId,
        boxId,
        seq,
        availableAt,
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
    /** A job of the box is granted now: the others have their turns first. */
    took(jobId: string, boxId: string, now: number): void {
      sql.exec("delete from offers where job_id = ?", jobId);
      sql.exec("insert or replace into turns (box_id, granted_at) values (?, ?)", boxId, now);
      sql.exec("delete from turns where granted_at < ?", now - TURN_MS);
      queue.refresh(boxId);
    },
    /** What may be granted now: of each box that has no running job the oldest, in the order of their turns. */
    next(now: number, limit: number): Offer[] {
      const rows = sql.exec(
        `select h.job_id, h.box_id, h.seq, o.available_at from heads h join offers o on o.job_id = h.job_id
         where h.busy = 0 and h.rank <= ? order by h.rank, h.served, h.seq limit ?`,
        now,
        limit,
      );
      return rows.toArray().map((row) => ({
        jobId: String(row.job_id),
        boxId: String(row.box_id),
        seq: Number(row.seq),
        availableAt: Number(row.available_at),
      }));
    },
    /** When the next box that waits for its time may be granted its job. */
    nextAvailable(now: number): number | undefined {
      const row = sql.exec("select min(rank) as at from heads where busy = 0 and rank > ?", now).one();
      return row.at === null ? undefined : Number(row.at);
    },
  };
  const boxesOf = (jobId: string, statement: string, ...more: number[]): string[] =>
    sql
      .exec(statement, jobId, ...more)
      .toArray()
      .map((row) => String(row.box_id));

  // Offers of a mailbox that kept no heads yet.
  const headless = sql.exec("select distinct box_id from offers where box_id not in (select box_id from heads)");
  for (const row of headless.toArray()) queue.refresh(String(row.box_id));
  return queue;
}

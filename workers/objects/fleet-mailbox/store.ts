/** Everything a mailbox knows, in the object's own SQLite: an eviction loses nothing. Times are ms. */
import type { JobType } from "#schema/domain/states.ts";
import type { Offer } from "../../services/jobs/offer.ts";

export interface Lease {
  jobId: string;
  boxId: string;
  type: JobType;
  attempt: number;
  fence: number;
  leaseUntil: number;
  /** The connection that got the job; empty while nobody did. */
  holder: string;
}

const TABLES = `
  create table if not exists offers (
    job_id text primary key, box_id text not null, seq integer not null, available_at integer not null
  ) strict;
  create index if not exists offers_box on offers (box_id, seq);
  create index if not exists offers_available on offers (available_at);
  create table if not exists leases (
    job_id text primary key, box_id text not null, type text not null, attempt integer not null, fence integer not null,
    lease_until integer not null, holder text not null
  ) strict;
  create index if not exists leases_box on leases (box_id);
  create table if not exists turns (box_id text primary key, granted_at integer not null) strict;
  create table if not exists assertions (jti text primary key, until integer not null) strict;
  create index if not exists assertions_until on assertions (until);`;

/** A box that was not granted anything for so long has no turn to wait for. */
const TURN_MS = 3_600_000;

export type MailboxStore = ReturnType<typeof createMailboxStore>;

export function createMailboxStore(sql: SqlStorage) {
  sql.exec(TABLES);
  return { ...offers(sql), ...leases(sql), ...assertions(sql) };
}

function offers(sql: SqlStorage) {
  return {
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
    },
    drop(jobId: string): void {
      sql.exec("delete from offers where job_id = ?", jobId);
    },
    postpone(jobId: string, availableAt: number): void {
      sql.exec("update offers set available_at = ? where job_id = ?", availableAt, jobId);
    },
    /**
     * What may be granted now: of each box that has no running job the oldest, and first of those boxes that were
     * granted something longest ago. So a box with many jobs does not hold up the others.
     */
    next(now: number, limit: number): Offer[] {
      const rows = sql.exec(
        `select o.job_id, o.box_id, o.seq, o.available_at from offers o left join turns t on t.box_id = o.box_id
         where o.available_at <= ?1
           and o.seq = (select min(p.seq) from offers p where p.box_id = o.box_id)
           and not exists (select 1 from leases l where l.box_id = o.box_id)
         order by coalesce(t.granted_at, 0), o.seq limit ?2`,
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
    /** When the next offer that waits for its time may be granted. */
    nextAvailable(now: number): number | undefined {
      const row = sql.exec("select min(available_at) as at from offers where available_at > ?", now).one();
      return row.at === null ? undefined : Number(row.at);
    },
  };
}

function leases(sql: SqlStorage) {
  return {
    grant(lease: Lease, now: number): void {
      sql.exec("delete from offers where job_id = ?", lease.jobId);
      sql.exec(
        "insert or replace into leases (job_id, box_id, type, attempt, fence, lease_until, holder) values (?, ?, ?, ?, ?, ?, ?)",
        lease.jobId,
        lease.boxId,
        lease.type,
        lease.attempt,
        lease.fence,
        lease.leaseUntil,
        lease.holder,
      );
      sql.exec("insert or replace into turns (box_id, granted_at) values (?, ?)", lease.boxId, now);
      sql.exec("delete from turns where granted_at < ?", now - TURN_MS);
    },
    lease(jobId: string): Lease | undefined {
      return sql.exec("select * from leases where job_id = ?", jobId).toArray().map(toLease)[0];
    },
    expired(now: number): Lease[] {
      return sql.exec("select * from leases where lease_until <= ?", now).toArray().map(toLease);
    },
    undelivered(): Lease[] {
      return sql.exec("select * from leases where holder = ''").toArray().map(toLease);
    },
    /** How many jobs each connection holds. */
    held(): Map<string, number> {
      const rows = sql.exec("select holder, count(*) as n from leases group by holder").toArray();
      return new Map(rows.map((row) => [String(row.holder), Number(row.n)]));
    },
    hand(jobId: string, holder: string): void {
      sql.exec("update leases set holder = ? where job_id = ?", holder, jobId);
    },
    extend(jobId: string, fence: number, leaseUntil: number): void {
      sql.exec("update leases set lease_until = ? where job_id = ? and fence = ?", leaseUntil, jobId, fence);
    },
    /** Also where the lease is older than `fence`; a newer one is somebody else's and stays. */
    end(jobId: string, fence: number): void {
      sql.exec("delete from leases where job_id = ? and fence <= ?", jobId, fence);
    },
    all(): Lease[] {
      return sql.exec("select * from leases").toArray().map(toLease);
    },
    nextExpiry(): number | undefined {
      const row = sql.exec("select min(lease_until) as at from leases").one();
      return row.at === null ? undefined : Number(row.at);
    },
  };
}

function assertions(sql: SqlStorage) {
  return {
    /** True the first time; false for one that was used before. */
    admit(jti: string, until: number, now: number): boolean {
      sql.exec("delete from assertions where until < ?", now);
      return sql.exec("insert or ignore into assertions (jti, until) values (?, ?)", jti, until).rowsWritten > 0;
    },
  };
}

const toLease = (row: Record<string, SqlStorageValue>): Lease => ({
  jobId: String(row.job_id),
  boxId: String(row.box_id),
  type: String(row.type) as JobType,
  attempt: Number(row.attempt),
  fence: Number(row.fence),
  leaseUntil: Number(row.lease_until),
  holder: String(row.holder),
});

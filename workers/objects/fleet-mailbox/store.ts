/** Everything a mailbox knows, in the object's own SQLite: an eviction loses nothing. Times are ms. */
import type { JobType } from "#schema/domain/states.ts";
import { addFlag, createQueue } from "./queue.ts";

export interface Lease {
  jobId: string;
  boxId: string;
  type: JobType;
  attempt: number;
  fence: number;
  leaseUntil: number;
  /** The connection that got the job; empty if none did yet. */
  holder: string;
  /** Nobody waits for it: see Offer. */
  background?: boolean;
  /** Its holder was asked to end it. */
  stopping?: boolean;
}

const TABLES = `
  create table if not exists leases (
    job_id text primary key, box_id text not null, type text not null, attempt integer not null, fence integer not null,
    lease_until integer not null, holder text not null
  ) strict;
  create index if not exists leases_box on leases (box_id);
  create index if not exists leases_until on leases (lease_until);
  create table if not exists assertions (jti text primary key, until integer not null) strict;
  create index if not exists assertions_until on assertions (until);`;

export type MailboxStore = ReturnType<typeof createMailboxStore>;

export function createMailboxStore(sql: SqlStorage) {
  sql.exec(TABLES);
  addFlag(sql, "leases", "background");
  addFlag(sql, "leases", "stopping");
  const { granted, refresh, ...queue } = createQueue(sql);
  return { ...queue, ...leases(sql, { granted, refresh }), ...assertions(sql) };
}

function leases(sql: SqlStorage, queue: Pick<ReturnType<typeof createQueue>, "granted" | "refresh">) {
  return {
    grant(lease: Lease, now: number): void {
      sql.exec(
        `insert or replace into leases (job_id, box_id, type, attempt, fence, lease_until, holder, background)
         values (?, ?, ?, ?, ?, ?, ?, ?)`,
        lease.jobId,
        lease.boxId,
        lease.type,
        lease.attempt,
        lease.fence,
        lease.leaseUntil,
        lease.holder,
        Number(lease.background ?? false),
      );
      queue.granted(lease.jobId, lease.boxId, now);
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
    /** How many of the held jobs are background jobs. */
    heldInBackground(): number {
      return Number(sql.exec("select count(*) as n from leases where background = 1").one().n);
    },
    assign(jobId: string, holder: string): void {
      sql.exec("update leases set holder = ? where job_id = ?", holder, jobId);
    },
    stop(jobId: string): void {
      sql.exec("update leases set stopping = 1 where job_id = ?", jobId);
    },
    extend(jobId: string, fence: number, leaseUntil: number): void {
      sql.exec("update leases set lease_until = ? where job_id = ? and fence = ?", leaseUntil, jobId, fence);
    },
    /** Also deletes a lease older than `fence`; a newer one belongs to another holder and stays. */
    end(jobId: string, fence: number): void {
      const ended = sql.exec("delete from leases where job_id = ? and fence <= ? returning box_id", jobId, fence);
      for (const row of ended.toArray()) queue.refresh(String(row.box_id));
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
  background: row.background === 1,
  stopping: row.stopping === 1,
});

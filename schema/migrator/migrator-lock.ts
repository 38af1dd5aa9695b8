import { setTimeout as wait } from "node:timers/promises";
import type { Session } from "./session.ts";

/** An arbitrary number that nothing else locks: "openclaw" on a telephone's keys. */
const LOCK = 67362529;
const POLL_MS = 250;

/**
 * Does the work while no other migrator works on this database. Asks again and again instead of waiting in
 * `pg_advisory_lock`: CREATE INDEX CONCURRENTLY waits for every statement that began before it, and so for that one.
 *
 * @param waitMs how long the other one may take; then this fails, and says who it is
 */
export async function withMigratorLock<T>(session: Session, waitMs: number, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + waitMs;
  while (!(await tryLock(session))) {
    if (Date.now() >= deadline) throw new Error(`another migrator works on this database${await holder(session)}`);
    await wait(POLL_MS);
  }
  try {
    return await work();
  } finally {
    // A broken connection holds no lock.
    await session.query("select pg_advisory_unlock($1)", [LOCK]).catch(() => undefined);
  }
}

async function tryLock(session: Session): Promise<boolean> {
  const { rows } = await session.query("select pg_try_advisory_lock($1) as locked", [LOCK]);
  return rows[0]?.locked === true;
}

async function holder(session: Session): Promise<string> {
  const { rows } = await session.query(
    `select l.pid, coalesce(nullif(a.application_name, ''), 'unnamed') as name
     from pg_locks l left join pg_stat_activity a on a.pid = l.pid
     where l.locktype = 'advisory' and l.granted and l.objid = $1
       and l.database = (select oid from pg_database where datname = current_database())`,
    [LOCK],
  );
  return rows.map(({ pid, name }) => ` (process ${pid} of the server, "${name}")`).join("");
}

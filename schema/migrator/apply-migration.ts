import { givingWay, type OnRetry } from "./give-way.ts";
import { noteApplied } from "./journal.ts";
import { type Migration, withoutComments } from "./migration.ts";
import { inTransaction, type Session } from "./session.ts";

/**
 * How long a statement waits for a lock, and writers behind it for us. Less than PostgreSQL's `deadlock_timeout` of a second:
 * where a writer and a migration wait for each other, the migration gives way before PostgreSQL ends one of the two.
 */
const LOCK_TIMEOUT = "900ms";
/**
 * An autovacuum gives way to whoever has waited for it as long as `deadlock_timeout`, and never to those who wait shorter.
 * On a large table it goes on for hours.
 */
const LOCK_TIMEOUT_OF_AUTOVACUUM = "1300ms";
/** A transaction with locks ends soon, or is rolled back. */
const STATEMENT_TIMEOUT = "5s";

export function applyMigration(session: Session, migration: Migration, onRetry: OnRetry): Promise<void> {
  switch (migration.mode) {
    case "transaction":
      return givingWay(() => inTransaction(session, () => applyWhole(session, migration)), onRetry);
    case "statements":
      return applySingly(session, migration, (statement) => runAlone(session, statement, onRetry));
    case "batches":
      return applySingly(session, migration, (statement) => runInBatches(session, statement, onRetry));
    default:
      return migration.mode satisfies never;
  }
}

async function applyWhole(session: Session, migration: Migration): Promise<void> {
  await session.query(`set local lock_timeout = '${await lockTimeout(session)}'`);
  await session.query(`set local statement_timeout = '${STATEMENT_TIMEOUT}'`);
  for (const statement of migration.statements) await run(session, statement);
  await noteApplied(session, migration);
}

/** An interrupted run starts again, so each statement must be safe to repeat (checked by lint.test.ts). */
async function applySingly(
  session: Session,
  migration: Migration,
  each: (statement: string) => Promise<void>,
): Promise<void> {
  try {
    for (const statement of migration.statements) await each(statement);
    await noteApplied(session, migration);
  } finally {
    await session.query("reset lock_timeout").catch(() => undefined);
  }
}

async function lockTimeout(session: Session): Promise<string> {
  const { rows } = await session.query(`select exists (select from pg_stat_activity
    where datname = current_database() and backend_type = 'autovacuum worker') as vacuums`);
  return rows[0]?.vacuums === true ? LOCK_TIMEOUT_OF_AUTOVACUUM : LOCK_TIMEOUT;
}

function runAlone(session: Session, statement: string, onRetry: OnRetry): Promise<void> {
  return givingWay(async () => {
    await session.query(`set lock_timeout = '${await lockTimeout(session)}'`);
    await dropBrokenIndex(session, statement);
    await run(session, statement);
  }, onRetry);
}

async function runInBatches(session: Session, statement: string, onRetry: OnRetry): Promise<void> {
  await session.query(`set lock_timeout = '${LOCK_TIMEOUT}'`);
  const batch = () => givingWay(async () => run(session, statement), onRetry);
  while ((await batch()) > 0);
}

/** A failed CREATE INDEX CONCURRENTLY leaves an invalid index that blocks the next attempt. */
async function dropBrokenIndex(session: Session, statement: string): Promise<void> {
  const [, index] =
    /\bcreate\s+(?:unique\s+)?index\s+concurrently\s+(?:if\s+not\s+exists\s+)?"?(\w+)"?/i.exec(statement) ?? [];
  if (!index) return;
  const { rows } = await session.query("select 1 from pg_index where indexrelid = to_regclass($1) and not indisvalid", [
    index,
  ]);
  if (rows.length > 0) await session.query(`drop index concurrently if exists "${index}"`);
}

/** @returns how many rows it changed */
async function run(session: Session, statement: string): Promise<number> {
  try {
    return (await session.query(statement)).rowCount ?? 0;
  } catch (error) {
    if (error instanceof Error) error.message += `, in: ${shown(statement)}`;
    throw error;
  }
}

const shown = (statement: string): string => withoutComments(statement).replace(/\s+/g, " ").slice(0, 120);

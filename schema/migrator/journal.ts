/** The applied migrations, in the table of drizzle's own migrator, so that its databases work too. */
import type { Migration } from "./migration.ts";
import type { Session } from "./session.ts";

const TABLE = "drizzle.__drizzle_migrations";

export async function makeJournal(session: Session): Promise<void> {
  await session.query("create schema if not exists drizzle");
  await session.query(
    `create table if not exists ${TABLE} (id serial primary key, hash text not null, created_at bigint)`,
  );
}

/** The missing migrations. Throws if an applied one was changed. */
export async function missingFrom(session: Session, migrations: readonly Migration[]): Promise<Migration[]> {
  const { rows: found } = await session.query(`select to_regclass('${TABLE}') is not null as is_there`);
  if (!found[0]?.is_there) return [...migrations];
  const { rows } = await session.query(`select hash, created_at from ${TABLE}`);
  const applied = new Map(rows.map(({ created_at, hash }) => [Number(created_at), hash]));
  const changed = migrations.find(({ when, hash }) => applied.has(when) && applied.get(when) !== hash);
  if (changed)
    throw new Error(`${changed.tag} was changed after this database applied it: make a new migration instead`);
  return migrations.filter(({ when }) => !applied.has(when));
}

export async function noteApplied(session: Session, { hash, when }: Migration): Promise<void> {
  await session.query(`insert into ${TABLE} (hash, created_at) values ($1, $2)`, [hash, when]);
}

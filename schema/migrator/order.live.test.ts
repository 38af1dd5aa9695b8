/** In production contracting migrations may come after later ones; that gives the same database. */
import { join } from "node:path";
import { Client } from "pg";
import { expect, test } from "vitest";
import { openPglite } from "#cluster/local/neon/pglite-backend.ts";
import { migrate } from "./migrate.ts";
import type { Migration } from "./migration.ts";
import { readMigrations } from "./read-migrations.ts";
import { template } from "./testing/templates.ts";

const EVERYTHING = `
  select 'column', table_name, column_name, data_type, udt_name, is_nullable, column_default, is_generated
    from information_schema.columns where table_schema = 'public'
  union all select 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated::text, '', '', ''
    from pg_constraint where connamespace = 'public'::regnamespace
  union all select 'index', tablename, indexname, indexdef, '', '', '', '' from pg_indexes where schemaname = 'public'
  union all select 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), '', '', '', '' from pg_trigger where not tgisinternal
  union all select 'function', proname, pg_get_functiondef(oid), '', '', '', '', '' from pg_proc where pronamespace = 'public'::regnamespace
  union all select 'enum', enumtypid::regtype::text, enumlabel, enumsortorder::text, '', '', '', '' from pg_enum
  order by 1, 2, 3`;

/** The database that these runs of the migrator make, one after another. */
async function madeBy(...runs: { migrations: Migration[]; contract: boolean }[]): Promise<unknown[]> {
  const { pool, close } = await openPglite({ template: await template("empty") });
  const client = new Client(pool);
  await client.connect();
  for (const { migrations, contract } of runs) await migrate(client, migrations, { contract });
  const { rows } = await client.query(EVERYTHING);
  await client.end();
  await close();
  return rows;
}

/** Every migration there is, twice: a busy machine takes its time. */
const TIMEOUT_MS = 120_000;

test("all in their order, and all contracts last, come to the same", { timeout: TIMEOUT_MS }, async () => {
  const migrations = await readMigrations(join(import.meta.dirname, "../db/migrations"));
  const first = { migrations: migrations.slice(0, 1), contract: false };
  const production = await madeBy(first, { migrations, contract: false }, { migrations, contract: true });
  const local = await madeBy({ migrations, contract: true });
  expect(local.length).toBeGreaterThan(200);
  expect(production).toEqual(local);
});

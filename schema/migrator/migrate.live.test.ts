/** The migrator, on the real PostgreSQL that is named, or on PGlite. */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as migrateByDrizzle } from "drizzle-orm/node-postgres/migrator";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { openPglite } from "#cluster/local/neon/pglite-backend.ts";
import { temporaryDatabase } from "#cluster/local/neon/testing/temporary-database.ts";
import { migrate, planOf } from "./migrate.ts";
import { type Migration, parseMigration } from "./migration.ts";
import { readMigrations } from "./read-migrations.ts";
import { template } from "./testing/templates.ts";

const FOLDER = join(import.meta.dirname, "../db/migrations");
/** Those that drizzle's migrator applied to databases of `npm start`. */
const FIRST_ONES = 8;

/** A folder with these alone. */
async function firstMigrations(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "migrations-"));
  await cp(FOLDER, folder, { recursive: true });
  const journal = join(folder, "meta/_journal.json");
  const { entries, ...rest } = JSON.parse(await readFile(journal, "utf8"));
  await writeFile(journal, JSON.stringify({ ...rest, entries: entries.slice(0, FIRST_ONES) }));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

const serverUrl = process.env.TEST_POSTGRES_URL;

async function pglite() {
  const { pool, close } = await openPglite({ template: await template("empty") });
  return { connection: pool, close };
}

async function postgres(serverUrl: string) {
  const { url, drop } = await temporaryDatabase(serverUrl, "migrate_test");
  return { connection: { connectionString: url }, close: drop };
}

describe(serverUrl ? "a database on a real PostgreSQL" : "a database on PGlite", () => {
  let client: Client;
  let close: () => Promise<void>;
  let made = 0;

  beforeAll(async () => {
    const database = await (serverUrl ? postgres(serverUrl) : pglite());
    close = database.close;
    client = new Client(database.connection);
    await client.connect();
  });
  beforeEach(async () => {
    await client.query("drop schema public cascade; create schema public; drop schema if exists drizzle cascade");
    made = 0;
  });
  afterAll(async () => {
    await client.end();
    await close();
  });

  const migration = (text: string): Migration => {
    made += 1;
    return parseMigration(`000${made}`, made, text);
  };
  const tags = (migrations: readonly Migration[]) => migrations.map(({ tag }) => tag);
  const apply = async (migrations: readonly Migration[], contract = false) =>
    tags((await migrate(client, migrations, { contract })).toApply);
  const numbers = async (sql: string) => (await client.query({ text: sql, rowMode: "array" })).rows.flat();

  test("that drizzle's own migrator made is understood", async () => {
    const migrationsFolder = await firstMigrations();
    await migrateByDrizzle(drizzle(client), { migrationsFolder });
    expect(await apply(await readMigrations(migrationsFolder))).toEqual([]);
    const newer = (await readMigrations(FOLDER)).slice(FIRST_ONES);
    expect(await apply(await readMigrations(FOLDER), true)).toEqual(tags(newer));
  });

  test("gets each migration once, in their order, also one that was made on another branch meanwhile", async () => {
    const [first, second, third] = [1, 2, 3].map((n) => migration(`create table t${n} (id int)`)) as [
      Migration,
      Migration,
      Migration,
    ];
    expect(await apply([first, third])).toEqual(["0001", "0003"]);
    expect(await apply([first, second, third])).toEqual(["0002"]);
    expect(await apply([first, second, third])).toEqual([]);
  });

  test("keeps nothing of a migration that fails, and all of those before it", async () => {
    const good = migration("create table t (id int)");
    const bad = migration("create table u (id int);\n--> statement-breakpoint\nselect 1 / 0 as\n  wrong");
    await expect(apply([good, bad])).rejects.toThrow("division by zero, in: select 1 / 0 as wrong");
    expect(await numbers("select to_regclass('t')::text, to_regclass('u')::text")).toEqual(["t", null]);
    expect(await apply([good, parseMigration(bad.tag, bad.when, "create table u (id int)")])).toEqual(["0002"]);
  });

  test("refuses a migration that was changed after it was applied", async () => {
    const { tag, when } = migration("create table t (id int)");
    await apply([parseMigration(tag, when, "create table t (id int)")]);
    await expect(apply([parseMigration(tag, when, "create table t (id bigint)")])).rejects.toThrow("0001 was changed");
  });

  test("keeps what the running program uses until it is told that the new one runs", async () => {
    const [table, contract, later] = [
      migration("create table t (id int, old int)"),
      migration("-- migrate: contract\nalter table t drop column old"),
      migration("alter table t add column new int"),
    ];
    await apply([table]);
    const all = [table, contract, later];
    expect(tags((await migrate(client, all, { contract: false })).afterDeployment)).toEqual(["0002"]);
    expect(
      await numbers("select column_name::text from information_schema.columns where table_name = 't' order by 1"),
    ).toEqual(["id", "new", "old"]);
    expect(await apply(all, true)).toEqual(["0002"]);
    expect(await numbers("select count(*)::int from information_schema.columns where table_name = 't'")).toEqual([2]);
  });

  test("that is empty gets everything at once", async () => {
    const all = [
      migration("create table t (old int)"),
      migration("-- migrate: contract\nalter table t drop column old"),
    ];
    expect(await apply(all)).toEqual(["0001", "0002"]);
  });

  test("has its rows changed in batches, until none is left to change", async () => {
    const fill = migration("create table t as select n, null::int as doubled from generate_series(1, 25) n");
    const copy = migration(`-- migrate: batches
        with batch as (select n from t where doubled is null order by n limit 10 for update)
        update t set doubled = 2 * t.n from batch where t.n = batch.n`);
    expect(await apply([fill, copy])).toEqual(["0001", "0002"]);
    expect(await numbers("select sum(doubled)::int, count(doubled)::int from t")).toEqual([650, 25]);
  });

  test("gets the index that an earlier try left broken", async () => {
    const fill = migration("create table t as select n / 2 as half from generate_series(1, 3) n");
    const index = migration("-- migrate: statements\ncreate unique index concurrently if not exists i on t (half)");
    await expect(apply([fill, index])).rejects.toThrow("could not create unique index");
    expect(await numbers("select indisvalid from pg_index where indexrelid = 'i'::regclass")).toEqual([false]);
    await client.query("delete from t where half = 1");
    expect(await apply([fill, index])).toEqual(["0002"]);
    expect(await numbers("select indisvalid from pg_index where indexrelid = 'i'::regclass")).toEqual([true]);
  });

  test("is not touched by looking at what there is to do", async () => {
    const migrations = await readMigrations(FOLDER);
    expect((await planOf(client, migrations, { contract: false })).toApply).toEqual(migrations);
    expect(await numbers("select count(*)::int from pg_namespace where nspname = 'drizzle'")).toEqual([0]);
  });

  test("leaves no timeout behind in its session", async () => {
    await apply([migration("-- migrate: statements\ncreate table if not exists t (id int)"), migration("select 1")]);
    expect(await numbers("select current_setting('lock_timeout'), current_setting('statement_timeout')")).toEqual([
      "0",
      "0",
    ]);
  });
});

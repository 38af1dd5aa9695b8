/** Expand, deploy and contract while the old and the new program write; and several migrators at once. */
import { execFile } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TemporaryDatabase, temporaryDatabase } from "#cluster/local/neon/testing/temporary-database.ts";
import { dangersOf } from "./dangers.ts";
import { migrate, type Plan } from "./migrate.ts";
import { type Migration, parseMigration } from "./migration.ts";
import { withMigratorLock } from "./migrator-lock.ts";
import { squawk } from "./squawk.ts";
import { startWriters } from "./testing/writers.ts";

const serverUrl = process.env.TEST_POSTGRES_URL;
const ROWS = 20_000;
/** How long a transaction holds the table: a migrator that waited for it would block all writers as long. */
const HELD_MS = 4_000;
/** What a writer may wait: a migrator's 0.9 s, and what a busy machine adds. */
const BOUND_MS = 2_500;

const TABLES = `
  create table accounts (id int primary key, status text not null default 'active', entries int not null default 0);
  create table entries (id bigint generated always as identity primary key, account_id int not null, note text);
  insert into accounts (id) select generate_series(1, ${ROWS})`;

/** `status` becomes `is_active`, entries get an index and a foreign key. */
const RELEASE = [
  "alter table accounts add column is_active boolean",
  // While the old program runs, a write by either program goes to both columns.
  `create function keep_both() returns trigger language plpgsql as $$
   begin
     if tg_op = 'UPDATE' and new.is_active is distinct from old.is_active
     then new.status := case when new.is_active then 'active' else 'closed' end;
     else new.is_active := new.status = 'active'; end if;
     return new;
   end $$;
   --> statement-breakpoint
   create trigger keep_both before insert or update on accounts for each row execute function keep_both()`,
  `-- migrate: batches
   with batch as (select id from accounts where is_active is null limit 500 for update)
   update accounts set status = status from batch where accounts.id = batch.id`,
  "alter table accounts add constraint is_active_known check (is_active is not null) not valid",
  "alter table entries add constraint entries_account foreign key (account_id) references accounts (id) not valid",
  `-- migrate: statements
   alter table accounts validate constraint is_active_known;
   --> statement-breakpoint
   alter table entries validate constraint entries_account;
   --> statement-breakpoint
   create index concurrently if not exists entries_account_idx on entries (account_id)`,
  "-- migrate: contract\ndrop trigger keep_both on accounts",
  "-- migrate: contract\nalter table accounts drop column status",
].map((text, i): Migration => parseMigration(`000${i + 1}`, i + 1, text));

const accountOf = (writer: number, turn: number) => ((turn * 31 + writer) % ROWS) + 1;
/** Two tables in one statement, in the other order than the foreign key locks them. */
const withEntry = (change: string, account: number) =>
  `with changed as (update accounts set entries = entries + 1, ${change} where id = ${account} returning id)
   insert into entries (account_id, note) select id, 'x' from changed`;
const oldProgram = (writer: number, turn: number) =>
  withEntry(`status = '${turn % 2 ? "active" : "closed"}'`, accountOf(writer, turn));
const newProgram = (writer: number, turn: number) =>
  withEntry(`is_active = ${turn % 2 === 0}`, accountOf(writer, turn));

describe.skipIf(!serverUrl)("a database with writers", () => {
  let database: TemporaryDatabase;
  const clients: Client[] = [];

  async function connect(): Promise<Client> {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    clients.push(client);
    return client;
  }

  test("is brought what the judges let pass", async () => {
    expect([...RELEASE.flatMap(dangersOf), ...(await Promise.all(RELEASE.map(squawk))).flat()]).toEqual([]);
  });

  beforeAll(async () => {
    database = await temporaryDatabase(serverUrl ?? "", "migrate_load");
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.end()));
    await database.drop();
  });

  /** A report that reads both tables in one transaction. */
  async function holdTables(): Promise<void> {
    const client = await connect();
    await client.query("begin; select count(*) from accounts; select count(*) from entries");
    await wait(HELD_MS);
    await client.query("commit");
  }

  test("loses no statement and lets none wait, while two migrators bring the next release", {
    timeout: 120_000,
  }, async () => {
    const [one, two] = [await connect(), await connect()];
    await one.query(TABLES);
    const old = await startWriters(database.url, 4, oldProgram);
    await old.writeMore(20);

    let retries = 0;
    const release = (client: Client, contract: boolean) =>
      migrate(client, RELEASE, { contract, onRetry: () => void retries++ });
    const first = RELEASE.slice(0, 1);
    await migrate(one, first, { contract: false });
    const held = holdTables();
    const plans = await Promise.all([release(one, false), release(two, false), held]);
    expect(
      plans
        .slice(0, 2)
        .map((plan) => plan?.toApply.length)
        .sort(),
    ).toEqual([0, 5]);
    expect(retries).toBeGreaterThan(0);

    const current = await startWriters(database.url, 4, newProgram);
    await Promise.all([old.writeMore(50), current.writeMore(50)]);
    const oldSaw = await old.stop();
    await Promise.all([release(one, true), release(two, true), holdTables()]);
    await current.writeMore(50);
    const newSaw = await current.stop();

    expect([...oldSaw.failures, ...newSaw.failures]).toEqual([]);
    expect(Math.max(oldSaw.longestMs, newSaw.longestMs)).toBeLessThan(BOUND_MS);
    const { rows } = await one.query(
      `select (select count(*)::int from entries) as entries, (select sum(entries)::int from accounts) as counted,
         (select count(*)::int from accounts where is_active is null) as unknown`,
    );
    const written = oldSaw.statements + newSaw.statements;
    expect(rows).toEqual([{ entries: written, counted: written, unknown: 0 }]);
  });

  test("has one migrator at a time: another one waits, and says whom for when it gives up", async () => {
    const [one, two] = [await connect(), await connect()];
    let waiting: Promise<Plan> | undefined;
    await withMigratorLock(one, 0, async () => {
      await expect(migrate(two, RELEASE, { contract: false, waitMs: 600 })).rejects.toThrow(
        /^another migrator works on this database \(process \d+ of the server, "unnamed"\)$/,
      );
      waiting = migrate(two, RELEASE, { contract: true, waitMs: 10_000 });
      await wait(300);
    });
    expect(await waiting).toEqual({ toApply: [], afterDeployment: [] });
  });

  test("does not wait for an autovacuum, which gives way", { timeout: 60_000 }, async () => {
    const one = await connect();
    await one.query(`create table bloated as select generate_series(1, 20000) as id;
      alter table bloated set (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0,
        autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1);
      update bloated set id = id + 1`);
    await one.query("alter system set autovacuum_naptime = '1s'");
    await one.query("select pg_reload_conf()");
    const vacuums = `select 1 from pg_stat_progress_vacuum where relid = 'bloated'::regclass`;
    try {
      while ((await one.query(vacuums)).rows.length === 0) await wait(100);
      const column = parseMigration("0100", 100, "alter table bloated add column note text");
      const startedAt = performance.now();
      await migrate(one, [...RELEASE, column], { contract: true });
      expect(performance.now() - startedAt).toBeLessThan(8_000);
    } finally {
      await one.query("alter system reset autovacuum_naptime");
      await one.query("select pg_reload_conf()");
    }
  });

  test("has it done by the command, twice at once", { timeout: 60_000 }, async () => {
    const other = await temporaryDatabase(serverUrl ?? "", "migrate_command");
    const run = async (...args: string[]) =>
      (
        await promisify(execFile)(process.execPath, [new URL("main.ts", import.meta.url).pathname, ...args], {
          env: { ...process.env, DATABASE_URL: other.url },
        })
      ).stdout.trim();
    expect(await run("--dry-run")).toMatch(/^-- 0000_init \(transaction\)\nCREATE TYPE/);
    const said = (await Promise.all([run(), run()])).map((lines) => lines.split("\n").at(-1));
    expect(said.sort()).toEqual([expect.stringMatching(/^applied \d+$/), "nothing to apply"]);
    expect(await run("--dry-run")).toBe("-- nothing to apply");
    await other.drop();
  });
});

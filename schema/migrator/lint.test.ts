/** No migration blocks concurrent writers or removes what the running program uses. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dangersOf } from "./dangers.ts";
import { parseMigration } from "./migration.ts";
import { readMigrations } from "./read-migrations.ts";
import { squawk } from "./squawk.ts";

/** The last one that was made before there was a database with customers' data. */
const FIRST_ONES = "0007_backups";

const everyDanger = async (text: string): Promise<string[]> => {
  const migration = parseMigration("0099_test", 1, text);
  return [...(await squawk(migration)), ...dangersOf(migration)];
};

test("each migration since the first ones can run beside writers", async () => {
  const migrations = await readMigrations(join(import.meta.dirname, "../db/migrations"));
  const newer = migrations.slice(migrations.findIndex(({ tag }) => tag === FIRST_ONES) + 1);
  const found = await Promise.all(newer.map(async (each) => [each.tag, [...(await squawk(each)), ...dangersOf(each)]]));
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(newer.map(({ tag }) => [tag, []])));
});

describe("found is", () => {
  test.each([
    ["constraint-missing-not-valid", "alter table boxes add constraint c check (tier is not null);"],
    ["adding-foreign-key-constraint", "alter table boxes add constraint c foreign key (a) references b (id);"],
    ["disallowed-unique-constraint", "alter table boxes add constraint c unique (tier);"],
    ["require-concurrent-index-creation", "create index i on boxes (tier);"],
    ["ban-concurrent-index-creation-in-transaction", "create index concurrently i on boxes (tier); select 1;"],
    ["changing-column-type", "alter table boxes alter column health set data type health using health::health;"],
    ["adding-not-nullable-field", "alter table boxes alter column health set not null;"],
    ["adding-required-field", "alter table boxes add column a text not null;"],
    ["adding-field-with-default", "alter table boxes add column a uuid default gen_random_uuid();"],
    ["ban-drop-column", "alter table boxes drop column health;"],
    ["ban-drop-table", "drop table boxes;"],
    ["renaming-column", "alter table boxes rename column a to b;"],
    ["require-concurrent-index-deletion", "drop index i;"],
    [
      "constraint-missing-not-valid",
      "alter table b add constraint c check (a) not valid; alter table b validate constraint c;",
    ],
    [
      "prefer-robust-stmts",
      "-- migrate: statements\nalter table b add column a text;\n--> statement-breakpoint\nselect 1;",
    ],
    ["blocks other sessions", "truncate boxes;"],
    ["blocks other sessions", "alter type tier rename value 'a' to 'b';"],
    ["changes rows", "update boxes set tier = 'pro';"],
    ["changes rows", "insert into box_health select id from boxes;"],
    ["a batch needs a limit", "-- migrate: batches\nupdate boxes set tier = 'pro';"],
    [
      "locks boxes and clusters at once",
      'alter table "boxes" add column a text;\n--> statement-breakpoint\nalter table "clusters" add column a text;',
    ],
    ["removes what", "-- squawk-ignore ban-drop-column\nalter table boxes drop column health;"],
  ])("%s", async (danger, text) => {
    expect((await everyDanger(text)).filter((found) => found.startsWith(danger))).not.toEqual([]);
  });
});

describe("nothing is found in", () => {
  test.each([
    ["a constraint in two steps", "alter table boxes add constraint c check (tier is not null) not valid;"],
    ["a foreign key", "alter table boxes add constraint c foreign key (a) references b (id) not valid;"],
    ["the second of them", "-- migrate: statements\nalter table boxes validate constraint c;"],
    ["an index beside writers", "-- migrate: statements\ncreate index concurrently if not exists i on boxes (tier);"],
    ["a column with a constant", "alter table boxes add column a text default 'x' not null;"],
    [
      "a new table, whatever it has",
      `create table "t" ("id" uuid primary key);\n--> statement-breakpoint
       alter table "t" add constraint "f" foreign key ("id") references "public"."boxes" ("id");\n--> statement-breakpoint
       create index "i" on "t" using btree ("id");`,
    ],
    [
      "rows in batches",
      `-- migrate: batches\nwith batch as (select id from boxes where a is null limit 500 for update)
       update boxes set a = 1 from batch where boxes.id = batch.id;`,
    ],
    ["a contract", "-- migrate: contract\nalter table boxes drop column health;"],
    ["rows that are given", "insert into state_transitions (machine) values ('box');"],
  ])("%s", async (_, text) => {
    expect(await everyDanger(text)).toEqual([]);
  });
});

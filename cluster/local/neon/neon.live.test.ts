import { randomUUID } from "node:crypto";
import { type NeonQueryFunction, neon } from "@neondatabase/serverless";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MIGRATIONS, type TestNeon, testBackend } from "./testing/test-neon.ts";

/** No other test locks it. */
const LOCK = 4_711;

const { name, start } = testBackend(process.env.TEST_POSTGRES_URL, "empty");

describe(`Neon's own client over ${name}`, () => {
  let standIn: TestNeon;
  let query: NeonQueryFunction<false, false>;

  beforeAll(async () => {
    standIn = await start();
    query = neon(standIn.connectionString);
    await Promise.all([standIn.neon.migrate(MIGRATIONS), standIn.neon.migrate(MIGRATIONS)]);
  });
  afterAll(() => standIn.close());

  const newId = () => `c-${randomUUID().slice(0, 8)}`;
  const count = async (id: string) => (await query`select 1 from clusters where id = ${id}`).length;

  test("migrations that start twice at once are applied once", async () => {
    const { length } = await standIn.neon.query("select 1 from drizzle.__drizzle_migrations");
    await standIn.neon.migrate(MIGRATIONS);
    expect(length).toBeGreaterThan(1);
    expect(await standIn.neon.query("select 1 from drizzle.__drizzle_migrations")).toHaveLength(length);
  });

  test("values come back as what they are", async () => {
    const [row] = await query`select
        1::int as int, 9007199254740993::bigint as big, 1.10::numeric as numeric, 0.5::float8 as float, true as bool,
        '2026-01-02T03:04:05.678Z'::timestamptz as at, '{"a":[1,null]}'::jsonb as json, array['a','b,c',null] as texts,
        array[1,2] as ints, '\\x0001ff'::bytea as bytes, null as nothing, 'ünï 🦞' as text, ''::text as empty`;
    expect(row).toEqual({
      int: 1,
      big: "9007199254740993",
      numeric: "1.10",
      float: 0.5,
      bool: true,
      at: new Date("2026-01-02T03:04:05.678Z"),
      json: { a: [1, null] },
      texts: ["a", "b,c", null],
      ints: [1, 2],
      bytes: Buffer.from([0, 1, 255]),
      nothing: null,
      text: "ünï 🦞",
      empty: "",
    });
  });

  test("parameters of every kind go through", async () => {
    const at = new Date("2026-05-06T07:08:09.010Z");
    const [row] = await query`select ${1}::int as int, ${"9007199254740993"}::bigint as big, ${at}::timestamptz as at,
        ${{ a: "é" }}::jsonb as json, ${["x", 'y"z', null]}::text[] as texts, ${Buffer.from([1, 2])}::bytea as bytes,
        ${null}::text as nothing, ${true}::bool as bool`;
    expect(row).toEqual({
      int: 1,
      big: "9007199254740993",
      at,
      json: { a: "é" },
      texts: ["x", 'y"z', null],
      bytes: Buffer.from([1, 2]),
      nothing: null,
      bool: true,
    });
  });

  test("full results tell of columns, also of two with one name, and of what was changed", async () => {
    const full = await query.query("select 1 as a, 'x' as a", [], { fullResults: true, arrayMode: true });
    expect(full).toMatchObject({ command: "SELECT", rowCount: 1, rows: [[1, "x"]] });
    expect(full.fields.map(({ name, dataTypeID }) => [name, dataTypeID])).toEqual([
      ["a", 23],
      ["a", 25],
    ]);
    const changed = await query.query("update clusters set id = id where false", [], { fullResults: true });
    expect(changed).toMatchObject({ command: "UPDATE", rowCount: 0, rows: [], fields: [] });
  });

  test("an error carries PostgreSQL's fields", async () => {
    await expect(query`insert into clusters (id, agent_keys) values ('NOT OK', '[]')`).rejects.toMatchObject({
      name: "NeonDbError",
      code: "23514",
      constraint: "clusters_id_form",
      table: "clusters",
      schema: "public",
      severity: "ERROR",
      detail: expect.stringContaining("NOT OK"),
    });
    await expect(query`select nope`).rejects.toMatchObject({ code: "42703", position: "8" });
    await expect(query.query("select 1; select 2")).rejects.toMatchObject({ code: "42601" });
    expect(await query`select 1 as fine`).toEqual([{ fine: 1 }]);
  });

  test("a batch is one transaction", async () => {
    const id = newId();
    const insert = () => query`insert into clusters (id, agent_keys) values (${id}, '[]')`;
    await expect(query.transaction([insert(), insert()])).rejects.toMatchObject({ code: "23505" });
    expect(await count(id)).toBe(0);
    const results = await query.transaction([insert(), query`select count(*) from clusters where id = ${id}`]);
    expect(results).toEqual([[], [{ count: "1" }]]);
  });

  test("what a request leaves open, prepared or locked is gone with it", async () => {
    const id = newId();
    await query`begin isolation level serializable`;
    expect(await query`show transaction_isolation`).toEqual([{ transaction_isolation: "read committed" }]);
    const failing = [query`prepare kept as select 1`, query`select pg_advisory_lock(${LOCK})`, query`select 1/0`];
    await expect(query.transaction(failing)).rejects.toMatchObject({ code: "22012" });
    await Promise.all([query`insert into clusters (id, agent_keys) values (${id}, '[]')`, query`select 1`]);
    expect(await count(id)).toBe(1);
    const left = () => query`select (select count(*)::int from pg_prepared_statements where name = 'kept') as prepared,
        (select count(*)::int from pg_locks where locktype = 'advisory' and objid = ${LOCK}::int::oid) as locks`;
    await expect.poll(left).toEqual([{ prepared: 0, locks: 0 }]);
  });

  test("who has another password, or asks what the driver never asks, is refused", async () => {
    const post = async (body: string, headers: Record<string, string>) => {
      const response = await fetch(`${standIn.url}/sql`, { method: "POST", body, headers });
      return [response.status, ((await response.json()) as { code?: string }).code];
    };
    const asked = { "neon-raw-text-output": "true", "neon-array-mode": "true" };
    const known = { ...asked, "neon-connection-string": standIn.connectionString };
    const one = JSON.stringify({ query: "select 1", params: [] });
    expect(await post(one, known)).toEqual([200, undefined]);
    for (const other of ["", "mysql://ada:secret@localhost/cloud", "postgres://ada:secres@localhost/cloud"])
      expect(await post(one, { ...asked, "neon-connection-string": other })).toEqual([400, "28P01"]);
    expect(await post(one, asked)).toEqual([400, "28P01"]);
    for (const body of ["{", "{}", '{"query":1,"params":[]}'])
      expect(await post(body, known)).toEqual([400, undefined]);
    expect(await post(one, { ...known, "neon-array-mode": "false" })).toEqual([400, undefined]);
    await expect(query.transaction([query`select 1`], { readOnly: true })).rejects.toThrow("raw text in arrays");
  });
});

import { randomUUID } from "node:crypto";
import { type NeonQueryFunction, neon } from "@neondatabase/serverless";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MIGRATIONS, type TestNeon, testBackends } from "./testing/test-neon.ts";

for (const { name, start, missing } of testBackends(process.env.TEST_POSTGRES_URL)) {
  describe.skipIf(missing)(`Neon's own clients over ${name}`, () => {
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

    test("full results and array mode have Neon's shape", async () => {
      const full = await query.query("select 1 as a, 'x' as a", [], { fullResults: true, arrayMode: true });
      expect(full).toMatchObject({ command: "SELECT", rowCount: 1, rowAsArray: true, rows: [[1, "x"]] });
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

    test("a batch is one transaction with the modes asked for", async () => {
      const id = newId();
      const insert = () => query`insert into clusters (id, agent_keys) values (${id}, '[]')`;
      await expect(query.transaction([insert(), insert()])).rejects.toMatchObject({ code: "23505" });
      expect(await count(id)).toBe(0);
      const results = await query.transaction([insert(), query`select count(*) from clusters where id = ${id}`]);
      expect(results).toEqual([[], [{ count: "1" }]]);

      const show = [query`show transaction_isolation`, query`show transaction_read_only`];
      const modes = { isolationLevel: "Serializable", readOnly: true, deferrable: true } as const;
      expect((await query.transaction(show, modes)).flat().map((row) => Object.values(row)[0])).toEqual([
        "serializable",
        "on",
      ]);
      await expect(query.transaction([insert()], { readOnly: true })).rejects.toMatchObject({ code: "25006" });
    });

    test("a transaction that a request leaves open is gone with it", async () => {
      const id = newId();
      await query`begin isolation level serializable`;
      expect(await query`show transaction_isolation`).toEqual([{ transaction_isolation: "read committed" }]);
      await Promise.all([query`insert into clusters (id, agent_keys) values (${id}, '[]')`, query`select 1`]);
      expect(await count(id)).toBe(1);
    });

    test("over WebSocket: interactive transactions, errors, equal statement names in two sessions", async () => {
      const [one, two] = [await standIn.pool.connect(), await standIn.pool.connect()];
      try {
        const named = (text: string, values: unknown[]) => ({ name: "same", text, values });
        expect((await one.query(named("select $1::int as n", [1]))).rows).toEqual([{ n: 1 }]);
        expect((await two.query(named("select $1::text as t", ["x"]))).rows).toEqual([{ t: "x" }]);
        expect((await one.query(named("select $1::int as n", [3]))).rows).toEqual([{ n: 3 }]);

        const id = newId();
        await one.query("begin");
        await one.query("insert into clusters (id, agent_keys) values ($1, $2)", [id, "[]"]);
        await expect(one.query("select 1/0")).rejects.toMatchObject({ code: "22012" });
        await expect(one.query("select 1")).rejects.toMatchObject({ code: "25P02" });
        await one.query("rollback");
        expect(await count(id)).toBe(0);
      } finally {
        one.release();
        two.release();
      }
    });

    test("over WebSocket: a client that vanishes takes its transaction along", async () => {
      const id = newId();
      const client = await standIn.pool.connect();
      await client.query("begin");
      await client.query("insert into clusters (id, agent_keys) values ($1, $2)", [id, "[]"]);
      client.release(true);
      expect(await query`insert into clusters (id, agent_keys) values (${id}, '[]') returning id`).toEqual([{ id }]);
    });
  });
}

import { neon } from "@neondatabase/serverless";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { overPglite, type TestNeon } from "./testing/test-neon.ts";

describe("sessions on the one connection that PGlite has", () => {
  let standIn: TestNeon;

  beforeAll(async () => {
    standIn = await overPglite();
    await standIn.neon.query("create table log (n serial, who text)");
  });
  afterAll(() => standIn.close());

  const written = async () => (await standIn.neon.query("select who from log order by n")).map((row) => row.who);

  test("a transaction holds the database until it ends; the others wait in order", async () => {
    const [holder, other] = [await standIn.pool.connect(), await standIn.pool.connect()];
    const query = neon(standIn.connectionString);
    await holder.query("begin");
    await holder.query("insert into log (who) values ('holder 1')");
    const waiting = [
      other.query("insert into log (who) values ('socket')"),
      query`insert into log (who) values ('http')`,
    ];
    await holder.query("insert into log (who) values ('holder 2')");
    await holder.query("insert into log (who) values ('holder 3')");
    await holder.query("commit");
    await Promise.all(waiting);
    const who = await written();
    expect(who.slice(0, 3)).toEqual(["holder 1", "holder 2", "holder 3"]);
    expect(who.slice(3).toSorted()).toEqual(["http", "socket"]);
    holder.release();
    other.release();
  });

  test("waiting too long is told, and what comes next works again", async () => {
    const query = neon(standIn.connectionString);
    const holder = await standIn.pool.connect();
    await holder.query("begin");
    await expect(query`select 1`).rejects.toMatchObject({
      code: "55P03",
      message: expect.stringContaining("end that transaction first"),
    });
    await holder.query("rollback");
    expect(await query`select 1 as one`).toEqual([{ one: 1 }]);
    holder.release();
  });

  test("what a session set, prepared or locked ends with it", async () => {
    const session = await standIn.pool.connect();
    await session.query("set work_mem = '7MB'");
    await session.query({ name: "kept", text: "select 1" });
    await session.query("select pg_advisory_lock(1)");
    session.release(true);
    const left = () =>
      standIn.neon.query(`select current_setting('work_mem') = '7MB' as set,
        (select count(*)::int from pg_prepared_statements where name like '%kept') as prepared,
        (select count(*)::int from pg_locks where locktype = 'advisory') as locks`);
    await expect.poll(left).toEqual([{ set: false, prepared: 0, locks: 0 }]);
  });

  test("a body, header or path that can't be right is answered, not thrown", async () => {
    const post = (body: string, connection?: string) =>
      fetch(`${standIn.url}/sql`, {
        method: "POST",
        body,
        headers: connection ? { "neon-connection-string": connection } : {},
      });
    const one = JSON.stringify({ query: "select 1::int as a, '{1,2}'::int[] as b" });
    for (const wrong of [undefined, "mysql://a:b@c/d", "postgres://ada:secres@localhost/cloud"]) {
      const refused = await post(one, wrong);
      expect([refused.status, await refused.json()]).toMatchObject([400, { code: "28P01" }]);
    }
    expect((await post("{", standIn.connectionString)).status).toBe(400);
    const answer = await post(one, standIn.connectionString);
    expect(await answer.json()).toMatchObject({ rows: [{ a: 1, b: [1, 2] }], rowAsArray: false });
  });
});

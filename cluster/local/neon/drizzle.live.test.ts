import { randomUUID } from "node:crypto";
import { neon } from "@neondatabase/serverless";
import { eq, sql } from "drizzle-orm";
import { drizzle, type NeonHttpDatabase } from "drizzle-orm/neon-http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clusters } from "#schema/db/schema.ts";
import { type TestNeon, testBackend } from "./testing/test-neon.ts";

// In its own file: drizzle changes how the vendor's client reads dates, for everybody in the process.
const { name, start } = testBackend(process.env.TEST_POSTGRES_URL);

describe(`drizzle over HTTP over ${name}`, () => {
  let standIn: TestNeon;
  let db: NeonHttpDatabase;

  beforeAll(async () => {
    standIn = await start();
    db = drizzle(neon(standIn.connectionString));
  });
  afterAll(() => standIn.close());

  const newId = () => `c-${randomUUID().slice(0, 8)}`;

  test("typed rows, batch, constraint errors", async () => {
    const [first, second] = [newId(), newId()];
    const key = { kid: "k1", kty: "OKP", crv: "Ed25519", x: "abc" } as const;
    const [inserted, listed] = await db.batch([
      db
        .insert(clusters)
        .values({ id: first, agentKeys: [key] })
        .returning(),
      db.select().from(clusters).where(eq(clusters.id, first)),
    ]);
    expect(inserted[0]?.createdAt).toBeInstanceOf(Date);
    expect(listed).toEqual(inserted);
    expect(listed[0]?.agentKeys).toEqual([key]);

    const twice = db.insert(clusters).values({ id: first, agentKeys: [] });
    const failing = db.batch([db.insert(clusters).values({ id: second, agentKeys: [] }), twice]);
    await expect(failing).rejects.toMatchObject({ code: "23505", constraint: "clusters_pkey" });
    await expect(twice).rejects.toMatchObject({ cause: { code: "23505", constraint: "clusters_pkey" } });
    expect(await db.$count(clusters, eq(clusters.id, second))).toBe(0);
    const { rows } = await db.execute(sql`select ${first}::text as id, 5::bigint as n`);
    expect(rows).toEqual([{ id: first, n: "5" }]);
  });
});

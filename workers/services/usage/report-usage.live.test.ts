import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Served, serve } from "#cluster/local/http/serve.ts";
import { createNeon, type Neon } from "#cluster/local/neon/neon.ts";
import { UsageQuery } from "#schema/contracts/usage.ts";
import { template } from "#schema/migrator/testing/templates.ts";
import { type Database, openDatabase } from "../../integrations/database.ts";
import { reportUsage } from "./report-usage.ts";

let neon: Neon;
let served: Served;
let db: Database;
const [ada, ben] = ["a".repeat(8), "b".repeat(8)].map((start) => `${start}-0000-4000-8000-000000000000`);

beforeAll(async () => {
  neon = await createNeon({
    connectionString: "postgresql://a:b@local.invalid/c",
    template: await template("migrated"),
  });
  served = await serve(neon.app);
  db = openDatabase({ DATABASE_URL: "postgresql://a:b@local.invalid/c", NEON_HTTP_ENDPOINT: `${served.url}/sql` });
  const add = (customer: string | undefined, at: string, model: string, input: number, more = {}) =>
    neon.query(
      `insert into usage_events (id, occurred_at, customer_id, token_id, period_start, model, input_tokens,
         cached_input_tokens, output_tokens, estimated, outcome, corrects)
       values (gen_random_uuid(), $1, $2, gen_random_uuid(), '2026-03-01', $3, $4, 1, 2, $5, $6, $7)`,
      [
        at,
        customer,
        model,
        input,
        ...Object.values({ estimated: false, outcome: "completed", corrects: null, ...more }),
      ],
    );
  await add(ada, "2026-03-01T00:00:00Z", "m1", 10);
  await add(ada, "2026-03-01T23:59:59.999Z", "m2", 20, { estimated: true, outcome: "expired" });
  await add(ada, "2026-03-02T00:00:00Z", "m1", 40);
  await add(ada, "2026-03-02T01:00:00Z", "m2", -5, { outcome: "corrected", corrects: crypto.randomUUID() });
  await add(ben, "2026-03-02T12:00:00Z", "m1", 100);
  await add(ben, "2026-03-03T00:00:00Z", "m1", 999);
});
afterAll(async () => {
  await served.close();
  await neon.close();
});

const days = { from: "2026-03-01", to: "2026-03-03" };
const report = (query: Record<string, string> = {}) => {
  const { customer_id: customerId, group_by: groupBy, ...rest } = UsageQuery.parse({ ...days, ...query });
  return reportUsage({ ctx: { db }, input: { ...rest, customerId, groupBy } });
};

describe("reportUsage", () => {
  test("sums whole days by customer, the last day left out", async () => {
    const { rows, next_cursor } = await report();
    expect(rows).toEqual([
      {
        customer_id: ada,
        day: null,
        model: null,
        requests: 3,
        estimated_requests: 1,
        input_tokens: 65,
        cached_input_tokens: 4,
        output_tokens: 8,
        total_tokens: 73,
      },
      expect.objectContaining({ customer_id: ben, requests: 1, input_tokens: 100 }),
    ]);
    expect(next_cursor).toBeNull();
  });

  test.each([
    ["customer,day", 3],
    ["day", 2],
    ["model, day", 4],
    ["model", 2],
    ["customer,model,day", 5],
  ])("by %s: the same total in %i rows, in order", async (group_by, count) => {
    const { rows } = await report({ group_by });
    expect(rows).toHaveLength(count);
    expect(rows.reduce((sum, row) => sum + row.total_tokens, 0)).toBe(65 + 8 + 102);
    const keys = rows.map((row) => [row.customer_id, row.day, row.model].join("|"));
    expect(keys).toEqual([...keys].sort());
  });

  test("shows one customer only", async () => {
    expect((await report({ customer_id: ben ?? "", group_by: "day" })).rows).toMatchObject([
      { customer_id: null, day: "2026-03-02", total_tokens: 102 },
    ]);
  });

  test("goes on where a page ended", async () => {
    await neon.query(
      `insert into usage_events (id, occurred_at, customer_id, token_id, period_start, model, input_tokens,
         cached_input_tokens, output_tokens, outcome)
       select gen_random_uuid(), '2026-04-05', gen_random_uuid(), gen_random_uuid(), '2026-04-01', 'm', 1, 0, 0, 'completed'
       from generate_series(1, 2100)`,
    );
    const seen = new Set<string | null>();
    const april = { from: "2026-04-01", to: "2026-05-01" };
    let pages = 0;
    let cursor: string | null = "";
    while (cursor !== null) {
      const page = await report({ ...april, ...(cursor && { cursor }) });
      for (const row of page.rows) seen.add(row.customer_id);
      cursor = page.next_cursor;
      pages++;
    }
    expect([pages, seen.size]).toEqual([3, 2_100]);
  });
});

test.each([
  [{ from: "2026-03-03" }, "to"],
  [{ from: "2025-11-01" }, "from"],
  [{ from: "2026-13-01" }, "from"],
  [{ group_by: "customer,customer" }, "group_by"],
  [{ group_by: "token" }, "group_by"],
  [{ group_by: "" }, "group_by"],
  [{ format: "xml" }, "format"],
  [{ cursor: "bm9uZQ" }, "cursor"],
])("a query with %j is refused, by field", (wrong, field) => {
  const result = UsageQuery.safeParse({ ...days, ...wrong });
  expect(result.error?.issues[0]?.path).toEqual([field]);
});

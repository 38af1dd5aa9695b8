/** Events that came before their month's partition: moved when it is made, forgotten when they are old, never lost. */
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type TestNeon, testBackend } from "#cluster/local/neon/testing/test-neon.ts";
import { type Database, openDatabase } from "../../integrations/database.ts";
import { usageEvent } from "../../testing/usage-event.ts";
import { forgetUsage, keepPartitions } from "./keep-partitions.ts";
import { recordUsage } from "./record-usage.ts";

const DAY = 24 * 3_600_000;

const { name, start } = testBackend(process.env.TEST_POSTGRES_URL);

describe(`the ledger on ${name}`, () => {
  let standIn: TestNeon;
  let db: Database;
  let customerId: string;

  beforeAll(async () => {
    standIn = await start();
    db = openDatabase({ DATABASE_URL: standIn.connectionString, NEON_HTTP_ENDPOINT: `${standIn.url}/sql` });
  });
  afterAll(() => standIn.close());
  beforeEach(async () => {
    customerId = crypto.randomUUID();
    await standIn.neon.query("insert into customers (id, email) values ($1, $2)", [customerId, `${customerId}@x.y`]);
  });

  const eventAt = (time: string) => {
    const at = Date.parse(time);
    return usageEvent({ occurredAt: at, customerId, periodStart: at, periodEnd: at + 30 * DAY });
  };
  const record = (time: string) => recordUsage(db, [eventAt(time)]);
  const sweepAt = (time: string) => keepPartitions({ db, now: () => new Date(time) });
  const forgetAt = (time: string) => forgetUsage({ db, now: () => new Date(time) });
  /** Where this customer's events lie. */
  const places = async () =>
    (
      await standIn.neon.query<{ place: string }>(
        "select tableoid::regclass::text as place from usage_events where customer_id = $1 order by occurred_at",
        [customerId],
      )
    ).map(({ place }) => place.replace("usage_events_", ""));

  test("a month whose events came first gets its partition, and them", async () => {
    await record("2040-03-05T10:00:00Z");
    await record("2040-04-30T23:59:59Z");
    await record("2040-06-01T00:00:00Z");
    expect(await places()).toEqual(["default", "default", "default"]);
    await sweepAt("2040-03-05T10:01:00Z");
    expect(await places()).toEqual(["2040_03", "2040_04", "2040_06"]);
    await record("2040-04-01T00:00:00Z");
    expect(await places()).toEqual(["2040_03", "2040_04", "2040_04", "2040_06"]);
  });

  test("what was moved is as append-only as before, and what comes to the default partition too", async () => {
    await record("2041-03-05T10:00:00Z");
    await sweepAt("2041-03-05T10:01:00Z");
    await record("2047-03-05T10:00:00Z");
    const remove = standIn.neon.query("delete from usage_events where customer_id = $1", [customerId]);
    await expect(remove).rejects.toMatchObject({ constraint: expect.stringMatching(/usage_events.*_append_only/) });
    expect(await places()).toEqual(["2041_03", "default"]);
  });

  test("an old event goes in time, whatever else lies in the default partition", async () => {
    await record("2042-01-05T10:00:00Z");
    await record("2050-01-05T10:00:00Z");
    await sweepAt("2042-06-01T00:00:00Z");
    await forgetAt("2042-06-01T00:00:00Z");
    expect(await places()).toEqual(["2050_01"]);
  });

  // PGlite has one connection: nobody can write meanwhile.
  if (name === "PGlite") return;

  test("no event is lost that is written while the sweep looks", async () => {
    await forgetAt("2043-09-05T10:00:00Z");
    await record("2043-01-05T10:00:00Z");
    const late = new Client({ connectionString: standIn.databaseUrl });
    await late.connect();
    const event = eventAt("2043-09-05T10:00:00Z");
    await late.query("begin");
    await late.query(
      `insert into usage_events (id, occurred_at, customer_id, token_id, period_start, model, input_tokens, cached_input_tokens,
           output_tokens, outcome) values ($1, to_timestamp($2), $3, $1, now(), 'm', 1, 0, 1, 'completed')`,
      [event.id, event.occurredAt / 1_000, customerId],
    );
    const forgotten = forgetAt("2043-09-05T10:00:00Z").then(() => sweepAt("2043-09-05T10:00:00Z"));
    await waitUntilBlocked(standIn);
    await late.query("commit");
    await late.end();
    await forgotten;
    expect(await places()).toContain("2043_09");
  });

  test("writers go on while their month's partition is made", async () => {
    let isMade = false;
    const write = async () => {
      let written = 0;
      for (; !isMade || written < 20; written++) await record("2044-03-05T10:00:00Z");
      return written;
    };
    const writers = [write(), write(), write()];
    await sweepAt("2044-03-05T10:01:00Z");
    isMade = true;
    const written = await Promise.all(writers);
    const found = await places();
    expect(found).toHaveLength(written.reduce((sum, count) => sum + count, 0));
    expect(new Set(found)).toEqual(new Set(["2044_03"]));
  });
});

async function waitUntilBlocked({ neon }: TestNeon): Promise<void> {
  const blocked = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
  while ((await neon.query(blocked)).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

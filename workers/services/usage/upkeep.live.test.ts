/** The ledger's upkeep, against PostgreSQL: does it add up, and does it forget what is old. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Served, serve } from "#cluster/local/http/serve.ts";
import { createNeon, type Neon } from "#cluster/local/neon/neon.ts";
import { template } from "#schema/migrator/testing/templates.ts";
import type { Tally, UsageEvent } from "../../contracts/meter.ts";
import { type Database, openDatabase } from "../../integrations/database.ts";
import { usageEvent } from "../../testing/usage-event.ts";
import { announceNotice } from "./announce-notice.ts";
import { forgetUsage, keepPartitions } from "./keep-partitions.ts";
import { reconcileUsage } from "./reconcile-usage.ts";
import { recordUsage } from "./record-usage.ts";

let neon: Neon;
let served: Served;
let db: Database;
let customerId: string;

const DAY = 24 * 3_600_000;
const today = new Date();
const periodStart = today.getTime() - 3 * DAY;
const periodEnd = today.getTime() + 27 * DAY;

beforeAll(async () => {
  neon = await createNeon({
    connectionString: "postgresql://a:b@local.invalid/c",
    template: await template("migrated"),
  });
  served = await serve(neon.app);
  db = openDatabase({ DATABASE_URL: "postgresql://a:b@local.invalid/c", NEON_HTTP_ENDPOINT: `${served.url}/sql` });
});
afterAll(async () => {
  await served.close();
  await neon.close();
});
beforeEach(async () => {
  // The last byte says in which minute of the hour a customer is looked at.
  customerId = `${crypto.randomUUID().slice(0, 34)}07`;
  await neon.query("insert into customers (id, email) values ($1, $2)", [customerId, `${customerId}@example.com`]);
});

const event = (inputTokens: number, over: Partial<UsageEvent> = {}): UsageEvent =>
  usageEvent({
    occurredAt: periodStart + DAY,
    customerId,
    periodStart,
    periodEnd,
    inputTokens,
    outputTokens: 5,
    ...over,
  });

const at = (minute: number): Date => {
  const time = new Date(today);
  time.setUTCMinutes(minute);
  return time;
};

/** Other tests' customers are not known to this meter. */
const reconcile = (tally: (options?: { sure: boolean }) => Promise<Tally | null>, minute = 7) =>
  reconcileUsage({
    db,
    now: () => at(minute),
    requestId: "r",
    tally: async (customer, _period, options) => (customer === customerId ? await tally(options) : null),
  });
const told =
  (settled: number, unwritten = 0) =>
  async (): Promise<Tally> => ({ settled, unwritten });

describe("the hourly look", () => {
  test("is content where events, sums and meter agree, corrections and unwritten ones included", async () => {
    const guess = event(100, { estimated: true, outcome: "expired" });
    const mended = { inputTokens: -40, outputTokens: 2, corrects: guess.id, outcome: "corrected" as const };
    await recordUsage(db, [guess, event(10), event(0, mended)]);
    const rows = await neon.query(
      "select requests, input_tokens, output_tokens from usage_monthly where customer_id = $1",
      [customerId],
    );
    expect(rows).toEqual([{ requests: "2", input_tokens: "70", output_tokens: "12" }]);
    expect(await reconcile(told(82 + 30, 30))).toEqual([]);
    expect(await reconcile(async () => null)).toEqual([]);
  });

  test("finds a sum that was changed, and a meter that lost its way, in the customer's own minute", async () => {
    await recordUsage(db, [event(10)]);
    expect(await reconcile(told(14))).toMatchObject([{ customerId, events: 15, monthly: 15, meter: 14 }]);
    expect(await reconcile(told(14), 8)).toEqual([]);
    await neon.query("update usage_monthly set input_tokens = 11 where customer_id = $1", [customerId]);
    expect(await reconcile(told(15))).toMatchObject([{ customerId, events: 15, monthly: 16 }]);
    await neon.query("delete from usage_monthly where customer_id = $1", [customerId]);
  });

  test("looks again before it calls an alert: a batch may be on its way", async () => {
    await recordUsage(db, [event(10)]);
    let looks = 0;
    const tally = async (options?: { sure: boolean }): Promise<Tally> => {
      if (!options?.sure && ++looks === 1) await recordUsage(db, [event(20)]);
      return { settled: 40, unwritten: 0 };
    };
    expect(await reconcile(tally)).toEqual([]);
    expect(looks).toBe(2);
  });

  test("has a meter make sure of what it was not told is written", async () => {
    const booked = event(10);
    await recordUsage(db, [booked]);
    let unwritten = 15;
    const tally = async (options?: { sure: boolean }): Promise<Tally> => {
      if (options?.sure) {
        await recordUsage(db, [booked, booked]);
        unwritten = 0;
      }
      return { settled: 15, unwritten };
    };
    expect(await reconcile(tally)).toEqual([]);
    expect(unwritten).toBe(0);
  });
});

describe("retention", () => {
  const partitions = async () =>
    (
      await neon.query<{ name: string }>(
        "select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'usage_events'::regclass order by 1",
      )
    ).map(({ name }) => name);

  test("makes the coming months ahead, as often as it likes", async () => {
    const now = () => new Date("2031-11-30T23:59:00Z");
    await keepPartitions({ db, now });
    await keepPartitions({ db, now });
    expect((await partitions()).filter((name) => /_203[12]_/.test(name))).toEqual([
      "usage_events_2031_11",
      "usage_events_2031_12",
      "usage_events_2032_01",
      "usage_events_2032_02",
    ]);
  });

  test("drops whole months of events when all of them is older than 90 days, and sums after 24 months", async () => {
    for (const month of ["2030-01-05", "2030-02-05"]) {
      await neon.query("select ensure_usage_partition($1::timestamptz)", [`${month}T00:00:00Z`]);
      const start = Date.parse(`${month}T00:00:00Z`);
      await recordUsage(db, [event(1, { occurredAt: start, periodStart: start, periodEnd: start + 30 * DAY })]);
    }
    // January ended 89 days ago, then 90.
    await forgetUsage({ db, now: () => new Date("2030-05-01T00:00:00Z") });
    expect(await partitions()).toContain("usage_events_2030_01");
    await forgetUsage({ db, now: () => new Date("2030-05-02T00:00:00Z") });
    expect(await partitions()).not.toContain("usage_events_2030_01");
    expect(await partitions()).toContain("usage_events_2030_02");
    const sums = () => neon.query("select period_end from usage_monthly where customer_id = $1", [customerId]);
    expect(await sums()).toHaveLength(2);
    await forgetUsage({ db, now: () => new Date("2032-02-05T00:00:00Z") });
    expect(await sums()).toHaveLength(1);
    expect((await partitions()).filter((name) => name.includes("_2030_"))).toEqual([]);
  });
});

test("a notice is written down once a period, however often it comes", async () => {
  const notice = { customerId, periodStart, periodEnd, at: today.getTime(), limit: 1_000, settled: 900 };
  await Promise.all([1, 2, 3].map(() => announceNotice(db, notice)));
  await announceNotice(db, { ...notice, periodStart: periodEnd });
  const rows = await neon.query("select action, detail from audit_log where subject = $1 order by id", [
    `customer:${customerId}`,
  ]);
  expect(rows).toMatchObject([
    { action: "usage.warned", detail: { limit: 1_000, settled: 900 } },
    { action: "usage.warned", detail: { period_start: new Date(periodEnd).toISOString() } },
  ]);
});

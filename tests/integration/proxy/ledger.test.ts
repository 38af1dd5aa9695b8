/** The ledger's one statement, against PostgreSQL. */

import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Served, serve } from "#cluster/local/http/serve.ts";
import { createNeon, type Neon } from "#cluster/local/neon/neon.ts";
import { template } from "#schema/migrator/testing/templates.ts";
import type { UsageEvent } from "#workers/contracts/meter.ts";
import { type Database, openDatabase } from "#workers/integrations/database.ts";
import { loadSnapshot } from "#workers/services/usage/load-snapshot.ts";
import { recordUsage } from "#workers/services/usage/record-usage.ts";
import { usageEvent } from "#workers/testing/usage-event.ts";

let neon: Neon;
let served: Served;
let db: Database;
let customerId: string;

const periodStart = Date.parse("2026-03-01T00:00:00Z");
const periodEnd = Date.parse("2026-04-01T00:00:00Z");

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
beforeEach(newCustomer);

const event = (inputTokens: number, over: Partial<UsageEvent> = {}): UsageEvent =>
  usageEvent({
    occurredAt: periodStart + 12_345,
    customerId,
    periodStart,
    periodEnd,
    inputTokens,
    cachedInputTokens: 1,
    outputTokens: 2,
    ...over,
  });

const sums = async () => {
  const [events] = await neon.query<{ n: string; input: string }>(
    "select count(*) as n, coalesce(sum(input_tokens), 0) as input from usage_events where customer_id = $1",
    [customerId],
  );
  const [monthly] = await neon.query<{ n: string; input: string }>(
    "select coalesce(sum(requests), 0) as n, coalesce(sum(input_tokens), 0) as input from usage_monthly where customer_id = $1",
    [customerId],
  );
  return { events, monthly };
};

describe("recordUsage", () => {
  test("adds each event once, however often and in whatever parts it comes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(50_000), { minLength: 1, maxLength: 30 }),
        fc.array(fc.array(fc.nat(29), { maxLength: 30 }), { maxLength: 8 }),
        async (inputs, batches) => {
          await newCustomer();
          const events = inputs.map((input) => event(input));
          const picked = batches.map((batch) => [...new Set(batch)].flatMap((index) => events[index] ?? []));
          await Promise.all(picked.map((batch) => recordUsage(db, batch)));
          await recordUsage(db, events);
          const total = { n: String(events.length), input: String(inputs.reduce((sum, input) => sum + input, 0)) };
          expect(await sums()).toEqual({ events: total, monthly: total });
        },
      ),
      { numRuns: 15 },
    );
  });

  test("keeps periods apart, and corrects a period's end", async () => {
    const next = { periodStart: periodEnd, periodEnd: Date.parse("2026-05-01T00:00:00Z") };
    await recordUsage(db, [event(10), event(20, next)]);
    await recordUsage(db, [event(1, { ...next, periodEnd: next.periodEnd + 86_400_000 })]);
    const rows = await neon.query(
      "select input_tokens, cached_input_tokens, output_tokens, requests, period_end from usage_monthly where customer_id = $1 order by period_start",
      [customerId],
    );
    expect(rows).toMatchObject([
      { input_tokens: "10", requests: "1", period_end: new Date(periodEnd) },
      {
        input_tokens: "21",
        cached_input_tokens: "2",
        output_tokens: "4",
        period_end: new Date("2026-05-02T00:00:00Z"),
      },
    ]);
  });

  test("writes all of a batch or nothing", async () => {
    const broken = event(5, { customerId: crypto.randomUUID() });
    await expect(recordUsage(db, [event(5), broken])).rejects.toThrow();
    expect((await sums()).events).toEqual({ n: "0", input: "0" });
  });
});

describe("loadSnapshot", () => {
  test("is nothing for a customer that does not exist", async () => {
    expect(await loadSnapshot(db, crypto.randomUUID())).toBeUndefined();
  });

  test("is empty-handed without a subscription", async () => {
    expect(await loadSnapshot(db, customerId)).toMatchObject({ limit: 0, period: null, tokens: [] });
  });

  test("has the plan's limit, the tokens that still work, and what is booked", async () => {
    const now = Date.now();
    const [start, end] = [new Date(now - 1_000), new Date(now + 86_400_000)];
    await neon.query(
      `insert into subscriptions (id, customer_id, tier, status, current_period_start, current_period_end)
       values ($1, $2, 'pro', 'past_due', $3, $4)`,
      [crypto.randomUUID(), customerId, start, end],
    );
    const tokens = ["a", "b", "c"].map((digit) => digit.repeat(64));
    for (const [i, status] of ["active", "retiring", "revoked"].entries()) {
      await neon.query(
        `insert into proxy_tokens (id, customer_id, token_hash, last4, status, expires_at, revoked_at)
         values ($1, $2, $3, 'abcd', $4::token_status, $5, $6)`,
        [crypto.randomUUID(), customerId, tokens[i], status, i === 1 ? end : null, i === 2 ? start : null],
      );
    }
    await recordUsage(db, [event(40, { periodStart: start.getTime(), periodEnd: end.getTime() })]);
    const snapshot = await loadSnapshot(db, customerId);
    expect(snapshot).toMatchObject({
      limit: 5_000_000,
      period: { start: start.getTime(), end: end.getTime() },
      billedByStripe: false,
      booked: [{ periodStart: start.getTime(), tokens: 42 }],
    });
    expect(
      snapshot?.tokens.map(({ hash, expiresAt }) => ({ hash, expiresAt })).sort((a, b) => (a.hash < b.hash ? -1 : 1)),
    ).toEqual([
      { hash: tokens[0], expiresAt: null },
      { hash: tokens[1], expiresAt: end.getTime() },
    ]);
  });
});

/** Each test, and each run of a property, has a customer of its own. */
async function newCustomer(): Promise<void> {
  customerId = crypto.randomUUID();
  await neon.query("insert into customers (id, email) values ($1, $2)", [customerId, `${customerId}@example.com`]);
}

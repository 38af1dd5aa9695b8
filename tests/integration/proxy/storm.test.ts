/** Many streams, and everything that can go wrong with them: each is booked once, none is free, meter = ledger. */
import { Hono } from "hono";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Served, serve } from "#cluster/local/http/serve.ts";
import type { Fault } from "#cluster/local/model/faults.ts";
import { until } from "#tests/harness/until.ts";
import { type Customer, type LedgerRow, type ProxyStack, startProxyStack } from "./proxy-stack.ts";

const SEED = 20_260_301;
/** Requests that one token may have under way. */
const AT_ONCE = 8;
/** A provider that has fallen silent is waited for no longer than this. */
const PATIENCE_MS = 8_000;

let stack: ProxyStack;
let gate: Served;
let database = "";
let open = true;

beforeAll(async () => {
  const app = new Hono();
  app.post("/sql", async (c) => {
    if (!open) return c.text("the database is down", 503);
    const headers = new Headers(c.req.raw.headers);
    headers.delete("host");
    return await fetch(database, { method: "POST", headers, body: await c.req.text() });
  });
  gate = await serve(app);
  stack = await startProxyStack({
    chunkDelayMs: 3,
    varsFor: (urls) => {
      database = `${urls.neon}/sql`;
      return { NEON_HTTP_ENDPOINT: `${gate.url}/sql` };
    },
  });
});
afterAll(async () => {
  await stack.close();
  await gate.close();
});
beforeEach(() => stack.model.faults.clear());

/** Numbers from 0 to 1, the same in each run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const ask = ({ token }: Customer, over: object, signal?: AbortSignal) =>
  fetch(`${stack.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ model: "k2p5", messages: [{ role: "user", content: "Please say 40 words" }], ...over }),
    ...(signal && { signal }),
  });

/** Reads this many chunks of a stream, then disconnects. Returns how often it was refused before: a busy machine may answer 503. */
async function streamAndLeave(customer: Customer, chunks: number): Promise<number> {
  const controller = new AbortController();
  for (let refused = 0; refused < 10; refused++) {
    const response = await ask(customer, { stream: true }, controller.signal);
    if (!response.ok) {
      await response.text();
      continue;
    }
    const reader = response.body?.getReader();
    const patience = setTimeout(() => controller.abort(), PATIENCE_MS);
    try {
      for (let i = 0; i < chunks; i++) if ((await reader?.read())?.done) break;
    } catch (error) {
      if (!controller.signal.aborted) throw error;
    } finally {
      clearTimeout(patience);
      controller.abort();
    }
    return refused;
  }
  throw new Error("a stream was refused ten times");
}

/** Customers with this many streams each; returns how often one was refused and retried. */
async function storm(customers: readonly Customer[], chunks: () => number): Promise<number> {
  let refused = 0;
  // A few at a time: the machine's sockets are not what is looked at here.
  const wave = Math.ceil(customers.length / 5);
  for (let at = 0; at < customers.length; at += wave) {
    const streams = customers
      .slice(at, at + wave)
      .flatMap((customer) => Array.from({ length: AT_ONCE }, () => streamAndLeave(customer, chunks())));
    for (const count of await Promise.all(streams)) refused += count;
  }
  return refused;
}

const makeCustomers = (count: number): Promise<Customer[]> =>
  Promise.all(Array.from({ length: count }, () => stack.makeCustomer()));

const rowsOf = (customers: readonly Customer[]): Promise<(LedgerRow & { customer_id: string })[]> =>
  stack.neon.query("select * from usage_events where customer_id = any($1::uuid[])", [customers.map(({ id }) => id)]);

/** A customer's remaining quota, from an answer's headers. */
async function left(customer: Customer): Promise<number> {
  const response = await ask(customer, { max_tokens: 1 });
  await response.text();
  expect(response.status).toBe(200);
  return Number(response.headers.get("x-ratelimit-remaining-tokens"));
}

/** Σ events = Σ usage_monthly = what each meter has settled. */
async function expectEqualBooks(customers: readonly Customer[]): Promise<void> {
  const rows = await rowsOf(customers);
  const booked = Map.groupBy(rows, (row) => row.customer_id);
  const sums = await stack.neon.query<{ customer_id: string; tokens: string; requests: string }>(
    "select customer_id, input_tokens + output_tokens as tokens, requests from usage_monthly where customer_id = any($1::uuid[])",
    [customers.map(({ id }) => id)],
  );
  const untouched = await left(await stack.makeCustomer());
  for (const customer of customers) {
    const events = booked.get(customer.id) ?? [];
    const tokens = events.reduce((sum, row) => sum + row.input_tokens + row.output_tokens, 0);
    const sum = sums.find((one) => one.customer_id === customer.id);
    expect(Number(sum?.tokens ?? 0)).toBe(tokens);
    expect(Number(sum?.requests ?? 0)).toBe(events.length);
    expect(untouched - (await left(customer))).toBe(tokens);
  }
}

test("1,000 streams whose clients leave at any point: each booked once, with the provider's own figures", async () => {
  const random = seeded(SEED);
  const customers = await makeCustomers(125);
  const before = stack.model.requests().length;
  const refused = await storm(customers, () => Math.floor(random() * 24));
  const rows = await until("1,000 rows", async () => {
    const found = await rowsOf(customers);
    return found.length >= 1_000 && found;
  });
  expect(new Set(rows.map(({ id }) => id)).size).toBe(1_000);
  expect(rows.filter(({ estimated }) => estimated)).toEqual([]);
  const served = stack.model
    .requests()
    .slice(before)
    .map(({ usage }) => `${usage.input}+${usage.output}`);
  for (const row of rows) {
    const at = served.indexOf(`${row.input_tokens}+${row.output_tokens}`);
    expect(at).toBeGreaterThanOrEqual(0);
    served.splice(at, 1);
  }
  // What the provider did and nobody was charged for: at most what nobody got.
  expect(served.length).toBeLessThanOrEqual(refused);
  await expectEqualBooks(customers.slice(0, 25));
}, 240_000);

test("200 streams of a provider that breaks off, hangs or lies: each booked once, none free", async () => {
  const random = seeded(SEED + 1);
  const customers = await makeCustomers(25);
  const faults: (() => Fault)[] = [
    () => ({ kind: "cut", afterEvents: 1 + Math.floor(random() * 20) }),
    // Whoever has got these leaves long before the proxy gives the provider up; the proxy reads on for 25 s.
    () => ({ kind: "stall", afterEvents: 20 }),
    () => ({ kind: "usage", usage: null }),
    () => ({ kind: "usage", usage: { output: -7 } }),
    () => ({ kind: "usage", usage: { input: 1e18 } }),
    () => ({ kind: "usage", usage: { output: 3.5 } }),
    () => ({ kind: "ignore_max_tokens" }),
  ];
  // The model counts all requests it has ever had.
  const seen = stack.model.requests().length;
  for (let at = seen + 1; at <= seen + 200; at++) {
    const fault = faults[Math.floor(random() * 9)]?.();
    if (fault) stack.model.faults.add({ fault, at });
  }
  await storm(customers, () => (random() < 0.5 ? 1_000 : 1 + Math.floor(random() * 20)));
  const rows = await until(
    "200 rows",
    async () => {
      const found = await rowsOf(customers);
      return found.length >= 200 && found;
    },
    90_000,
  );
  expect(new Set(rows.map(({ id }) => id)).size).toBe(200);
  for (const row of rows) {
    expect(row.input_tokens).toBeGreaterThan(0);
    expect(row.input_tokens).toBeLessThan(1_000);
    expect(row.output_tokens).toBeGreaterThanOrEqual(0);
    expect(row.output_tokens).toBeLessThan(1_000);
  }
  expect(rows.filter(({ estimated }) => estimated).length).toBeGreaterThan(50);
  await expectEqualBooks(customers);
}, 240_000);

test("a database that is down for long: nothing is refused, nothing is lost, the sums are equal after it", async () => {
  const customers = await makeCustomers(5);
  for (const customer of customers) await left(customer);
  await until("the first rows", async () => (await rowsOf(customers)).length === 5);
  open = false;
  const failures = () => stack.logs.filter((line) => line.includes("usage_flush_failed")).length;
  const before = failures();
  try {
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all(customers.map((customer) => ask(customer, {})));
      expect(answers.map(({ status }) => status)).toEqual(customers.map(() => 200));
      await Promise.all(answers.map((answer) => answer.text()));
    }
    await until("each meter to have tried twice", () => failures() >= before + 10);
  } finally {
    open = true;
  }
  await until("all rows", async () => (await rowsOf(customers)).length === 20, 60_000);
  await expectEqualBooks(customers);
}, 240_000);

/** What operators see of the proxy: one line a request, and figures by model, outcome and reason. */
import { createHash } from "node:crypto";
import { Hono } from "hono";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Served, serve } from "#cluster/local/http/serve.ts";
import { until } from "#tests/harness/until.ts";
import { type ProxyStack, startProxyStack } from "./proxy-stack.ts";

const ACCOUNT = "0123456789abcdef0123456789abcdef";
const OPERATOR = "operator-key-with-usage";
const TOKEN = "cf-token-that-reads-analytics";

let stack: ProxyStack;
let cloudflare: Served;
let asked: { authorization: string | undefined; sql: string }[] = [];
let status = 200;

const row = {
  model: "kimi-coding/k2p5",
  outcome: "completed",
  reason: "",
  provider: "moonshot",
  requests: "1200",
  input_tokens: 18_000_000,
  cached_input_tokens: 100,
  output_tokens: 40_000,
  estimated: 3,
  first_byte_p50_ms: 640.5,
  first_byte_p99_ms: 3_000,
};

const keyOf = (name: string, key: string, scopes: string[]) => ({
  name,
  sha256: createHash("sha256").update(key).digest("hex"),
  scopes,
});

beforeAll(async () => {
  const app = new Hono();
  app.post("/accounts/:account/analytics_engine/sql", async (c) => {
    if (c.req.param("account") !== ACCOUNT) return c.text("no such account", 404);
    asked.push({ authorization: c.req.header("authorization"), sql: await c.req.text() });
    return status === 200 ? c.json({ meta: [], data: [row], rows: 1 }) : c.text("no", 500);
  });
  cloudflare = await serve(app);
  stack = await startProxyStack({
    vars: {
      CF_ACCOUNT_ID: ACCOUNT,
      CF_API_TOKEN: TOKEN,
      CF_API_ROOT: cloudflare.url,
      INTERNAL_KEYS: JSON.stringify([keyOf("ops", OPERATOR, ["usage:read"]), keyOf("other", "other", ["boxes:read"])]),
    },
  });
});
afterAll(async () => {
  await stack.close();
  await cloudflare.close();
});

const metrics = (query = "", key = OPERATOR) =>
  fetch(`${stack.url}/internal/metrics${query}`, { headers: { authorization: `Bearer ${key}` } });

interface Line {
  kind: string;
  request_id: string;
  [field: string]: unknown;
}
const linesOf = (id: string): Line[] =>
  stack.logs.flatMap((line) => {
    const parsed = line.startsWith("{") ? (JSON.parse(line) as Line) : undefined;
    return parsed?.request_id === id ? [parsed] : [];
  });

const chat = (token: string, over: object = {}) =>
  fetch(`${stack.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ model: "k2p5", messages: [{ role: "user", content: "hello" }], ...over }),
  });

test.each([true, false])("a served request is one line, with what it cost (stream: %s)", async (stream) => {
  const customer = await stack.makeCustomer();
  const response = await chat(customer.token, { stream });
  await response.text();
  const id = response.headers.get("x-request-id") ?? "";
  const lines = await until("the line", () => linesOf(id).length > 0 && linesOf(id));
  const [booked] = await stack.ledger(customer.id, 1);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({
    kind: "request",
    level: "info",
    status: 200,
    route: "/v1/chat/completions",
    model: "kimi-coding/k2p5",
    customer_id: customer.id,
    stream,
    outcome: "completed",
    provider: "moonshot",
    attempts: 1,
    input_tokens: booked?.input_tokens,
    output_tokens: booked?.output_tokens,
    first_byte_ms: expect.any(Number),
    meter_ms: expect.any(Number),
  });
});

test.each([
  ["a bad token", () => chat("ocp_nonsense"), { outcome: "refused", error_code: "invalid_api_key", status: 401 }],
  [
    "a model that is not there",
    async () => chat((await stack.makeCustomer()).token, { model: "gpt-5" }),
    { outcome: "refused", error_code: "model_not_found", status: 404 },
  ],
  [
    "a spent allowance",
    async () => chat((await stack.makeCustomer({ used: 1_000_000 })).token),
    { outcome: "refused", reason: "quota_exceeded", status: 429 },
  ],
])("%s is one line with its reason", async (_, ask, fields) => {
  const response = await ask();
  const id = response.headers.get("x-request-id") ?? "";
  expect(await until("the line", () => linesOf(id).length > 0 && linesOf(id))).toMatchObject([fields]);
});

test("the metrics are asked from Analytics Engine", async () => {
  asked = [];
  const response = await metrics("?hours=2");
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    configured: true,
    detail: null,
    hours: 2,
    rows: [{ ...row, requests: 1200 }],
  });
  expect(asked).toMatchObject([{ authorization: `Bearer ${TOKEN}` }]);
  expect(asked[0]?.sql).toContain("INTERVAL '2' HOUR");
});

test("whoever may not read usage reads none, and no query goes out for nonsense", async () => {
  asked = [];
  expect((await metrics("", "other")).status).toBe(403);
  expect((await metrics("", "nobody")).status).toBe(401);
  for (const query of ["?hours=0", "?hours=1.5", "?hours=9999", "?hours=1%27%20OR%201", "?days=1"]) {
    expect((await metrics(query)).status).toBe(400);
  }
  expect(asked).toEqual([]);
});

test("an Analytics Engine that fails is 503, and nothing of its token is told", async () => {
  status = 500;
  const response = await metrics();
  status = 200;
  expect(response.status).toBe(503);
  expect(await response.text()).not.toContain(TOKEN);
  expect(stack.logs.join("\n")).not.toContain(TOKEN);
});

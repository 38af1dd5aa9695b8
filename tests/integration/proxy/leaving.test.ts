/** A client that leaves while the provider is still thinking. */
import { Hono } from "hono";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Served, serve } from "#cluster/local/http/serve.ts";
import { until } from "#tests/harness/until.ts";
import { type ProxyStack, startProxyStack } from "./proxy-stack.ts";

let stack: ProxyStack;
let provider: Served;
let waiting: (() => void)[] = [];

const usage = { prompt_tokens: 70, completion_tokens: 3, total_tokens: 73 };
const events = [{ choices: [{ index: 0, delta: { content: "late" } }] }, { choices: [], usage }];
const stream = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");

beforeAll(async () => {
  const app = new Hono();
  app.post("/v1/chat/completions", async (c) => {
    const { stream: streamed } = await c.req.json<{ stream?: boolean }>();
    await new Promise<void>((go) => waiting.push(go));
    return streamed ? c.body(stream, 200, { "content-type": "text/event-stream" }) : c.json({ choices: [], usage });
  });
  provider = await serve(app);
  stack = await startProxyStack({ vars: { KIMI_BASE_URL: provider.url } });
});
afterAll(async () => {
  await stack.close();
  await provider.close();
});

test.each([true, false])("is booked what the provider then did (stream: %s)", async (streamed) => {
  const customer = await stack.makeCustomer();
  const controller = new AbortController();
  waiting = [];
  const asked = fetch(`${stack.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${customer.token}` },
    body: JSON.stringify({ model: "k2p5", messages: [{ role: "user", content: "hi" }], stream: streamed }),
    signal: controller.signal,
  });
  asked.catch(() => undefined);
  await until("the provider to be asked", () => waiting.length === 1);
  controller.abort();
  await expect(asked).rejects.toThrow();
  for (const go of waiting) go();
  const rows = await stack.ledger(customer.id, 1);
  expect(rows).toMatchObject([{ input_tokens: 70, output_tokens: 3, estimated: false }]);
});

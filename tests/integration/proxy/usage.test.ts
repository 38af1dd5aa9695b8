/** From a model request to the operators' report. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { UsageReport } from "#schema/contracts/usage.ts";
import { type ProxyStack, startProxyStack } from "./proxy-stack.ts";

const KEY = "an-operators-key";
let stack: ProxyStack;
beforeAll(async () => {
  const sha256 = createHash("sha256").update(KEY).digest("hex");
  const keys = [{ name: "ops", sha256, scopes: ["usage:read"] }];
  stack = await startProxyStack({ vars: { INTERNAL_KEYS: JSON.stringify(keys) } });
});
afterAll(() => stack.close());

const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
const report = (query: string, headers: Record<string, string> = {}) =>
  fetch(`${stack.url}/internal/usage?${query}`, { headers: { authorization: `Bearer ${KEY}`, ...headers } });

test("what was used is reported, as JSON and as CSV", async () => {
  const customer = await stack.makeCustomer();
  await fetch(`${stack.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${customer.token}` },
    body: JSON.stringify({ model: "k2p5", messages: [{ role: "user", content: "hi" }] }),
  });
  const [event] = await stack.ledger(customer.id, 1);
  const total = (event?.input_tokens ?? 0) + (event?.output_tokens ?? 0);
  const query = `from=${day(-1)}&to=${day(2)}&group_by=customer,model&customer_id=${customer.id}`;
  const json = UsageReport.parse(await (await report(query)).json());
  expect(json.rows).toMatchObject([{ customer_id: customer.id, day: null, model: event?.model, total_tokens: total }]);

  const csv = await report(query, { accept: "text/csv" });
  expect(csv.headers.get("content-type")).toBe("text/csv; charset=utf-8");
  const text = await csv.text();
  expect(text).toContain(`\r\n${customer.id},,${event?.model},1,0,`);
  expect(await (await report(`${query}&format=csv`)).text()).toBe(text);
  expect((await report(`from=${day(-1)}`)).status).toBe(400);
});

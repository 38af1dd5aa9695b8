/** Streams that the meter ends: where the plan ends, and where the token does. */
import { createHash } from "node:crypto";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Customer, type ProxyStack, startProxyStack } from "./proxy-stack.ts";

const KEY = "an-operators-key";
const LIMIT = 1_000_000;

let stack: ProxyStack;
beforeAll(async () => {
  const sha256 = createHash("sha256").update(KEY).digest("hex");
  stack = await startProxyStack({
    chunkDelayMs: 0,
    vars: { INTERNAL_KEYS: JSON.stringify([{ name: "ops", sha256, scopes: ["tokens:write"] }]) },
  });
});
afterAll(() => stack.close());

const model = "k2p5";
/** Some 7,000 tokens of the model stand-in. */
const messages = [{ role: "user" as const, content: "Please say 5000 words." }];

const openai = ({ token }: Customer) => new OpenAI({ apiKey: token, baseURL: `${stack.url}/v1`, maxRetries: 0 });
const anthropic = ({ token }: Customer) => new Anthropic({ apiKey: token, baseURL: stack.url, maxRetries: 0 });

async function viaOpenai(customer: Customer): Promise<string | null | undefined> {
  const stream = openai(customer).chat.completions.stream({
    model,
    messages,
    max_tokens: 30_000,
    stream_options: { include_usage: true },
  });
  const { choices, usage } = await stream.finalChatCompletion();
  expect(usage?.total_tokens).toBeGreaterThan(0);
  return choices[0]?.finish_reason;
}

async function viaAnthropic(customer: Customer): Promise<string | null> {
  const stream = anthropic(customer).messages.stream({ model, messages, max_tokens: 30_000 });
  const { stop_reason, content } = await stream.finalMessage();
  expect(content[0]).toMatchObject({ type: "text" });
  return stop_reason;
}

describe("a plan that ends in the middle", () => {
  test("ends streams well-formed, and not a token is passed over the limit", async () => {
    const used = LIMIT - 6_000;
    const customer = await stack.makeCustomer({ used });
    const reasons = await Promise.all([viaOpenai(customer), viaAnthropic(customer), viaOpenai(customer)]);
    for (const reason of reasons) expect(["length", "max_tokens"]).toContain(reason);
    const rows = await stack.ledger(customer.id, 3);
    expect(rows.map(({ outcome }) => outcome)).toContain("limit_reached");
    const spent = rows.reduce((sum, row) => sum + row.input_tokens + row.output_tokens, 0);
    expect(spent).toBeLessThanOrEqual(6_000);
    expect(spent).toBeGreaterThan(2_000);
  });

  test("gives a request alone all that is left, with the provider's own figures", async () => {
    const customer = await stack.makeCustomer({ used: LIMIT - 3_000 });
    expect(await viaOpenai(customer)).toBe("length");
    const [row] = await stack.ledger(customer.id, 1);
    expect(row).toMatchObject({ estimated: false, outcome: "completed" });
    const left = 3_000 - (row?.input_tokens ?? 0) - (row?.output_tokens ?? 0);
    expect(left).toBeGreaterThanOrEqual(0);
    expect(left).toBeLessThan(60);
  });

  test("serves an agent's long prompt in the last six hundredths", async () => {
    const customer = await stack.makeCustomer({ used: LIMIT - 30_000 });
    const content = `${"Be kind to the reader, always. ".repeat(1_900)} Say hello.`;
    const answer = await openai(customer).chat.completions.create({ model, messages: [{ role: "user", content }] });
    expect(answer.usage?.prompt_tokens).toBeGreaterThan(14_000);
    expect(answer.choices[0]?.finish_reason).toBe("stop");
  });

  test("does not touch an answer that has room, however long", async () => {
    const customer = await stack.makeCustomer();
    expect(await viaOpenai(customer)).toBe("stop");
    const [row] = await stack.ledger(customer.id, 1);
    expect(row).toMatchObject({ estimated: false, outcome: "completed" });
    expect(row?.output_tokens).toBeGreaterThan(5_000);
  });
});

describe("a token that is revoked while its stream flows", () => {
  test.each(["openai", "anthropic"] as const)("ends it within a second, with an error (%s)", async (api) => {
    const customer = await stack.makeCustomer();
    stack.model.faults.add({ fault: { kind: "slow", chunkDelayMs: 100 } });
    let chunks = 0;
    const read = async () => {
      const stream =
        api === "openai"
          ? await openai(customer).chat.completions.create({ model, messages, stream: true })
          : await anthropic(customer).messages.create({ model, messages, max_tokens: 30_000, stream: true });
      for await (const _ of stream) if (++chunks === 5) revokedAt = revoke(customer);
    };
    let revokedAt: Promise<number> | undefined;
    await expect(read()).rejects.toThrow(/revoked/);
    expect(performance.now() - ((await revokedAt) ?? 0)).toBeLessThan(1_000);
    const [row] = await stack.ledger(customer.id, 1);
    expect(row).toMatchObject({ estimated: true, outcome: "cut_off" });
    // Three tokens an event, and only those that came.
    expect(row?.output_tokens).toBeLessThanOrEqual(3 * chunks + 3);
    expect(row?.output_tokens).toBeGreaterThan(3);
  });
});

/** When the revocation was answered. */
async function revoke({ tokenId }: Customer): Promise<number> {
  const response = await fetch(`${stack.url}/internal/tokens/${tokenId}/revoke`, {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}` },
  });
  expect(response.status).toBe(200);
  return performance.now();
}

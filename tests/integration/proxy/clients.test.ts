/** The vendors' own clients, unchanged, against the Worker in workerd. */
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Customer, PLATFORM_KEY, type ProxyStack, startProxyStack } from "./proxy-stack.ts";

let stack: ProxyStack;

beforeAll(async () => {
  stack = await startProxyStack();
});
afterAll(() => stack.close());

const openai = (customer: Customer) =>
  new OpenAI({ apiKey: customer.token, baseURL: `${stack.url}/v1`, maxRetries: 0 });
const anthropic = (customer: Customer) => new Anthropic({ apiKey: customer.token, baseURL: stack.url, maxRetries: 0 });

const messages = [{ role: "user" as const, content: "Say hello" }];
const model = "kimi-coding/k2p5";

describe("openai", () => {
  test("an answer at once, booked as the provider counted it", async () => {
    const customer = await stack.makeCustomer();
    const answer = await openai(customer).chat.completions.create({ model, messages, max_tokens: 200 });
    expect(answer.choices[0]?.message.content).toContain("Say hello");
    const [row] = await stack.ledger(customer.id, 1);
    expect(row).toMatchObject({
      token_id: customer.tokenId,
      model,
      input_tokens: answer.usage?.prompt_tokens,
      output_tokens: answer.usage?.completion_tokens,
      estimated: false,
      outcome: "completed",
    });
    const [month] = await stack.neon.query(`select * from usage_monthly where customer_id = $1`, [customer.id]);
    expect(month).toMatchObject({ requests: "1", input_tokens: String(row?.input_tokens) });
  });

  test("a stream with usage, and one without that the client did not ask for", async () => {
    const customer = await stack.makeCustomer();
    const counts: number[] = [];
    for (const include_usage of [true, false]) {
      const stream = await openai(customer).chat.completions.create({
        model,
        messages,
        stream: true,
        stream_options: { include_usage },
      });
      let text = "";
      let usages = 0;
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? "";
        if (chunk.usage) usages++;
      }
      expect(text).toContain("Say hello");
      counts.push(usages);
    }
    expect(counts).toEqual([1, 0]);
    const rows = await stack.ledger(customer.id, 2);
    const [first, second] = rows.map((row) => row.input_tokens);
    expect(rows.every((row) => row.output_tokens > 0 && !row.estimated)).toBe(true);
    expect(first).toBe(second);
  });

  test("tools come through, in parts", async () => {
    const customer = await stack.makeCustomer();
    const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
    const stream = openai(customer).chat.completions.stream({
      model,
      messages,
      tools: [{ type: "function", function: { name: "weather", parameters } }],
      tool_choice: { type: "function", function: { name: "weather" } },
    });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { name: "weather" } });
  });

  test("the models", async () => {
    const customer = await stack.makeCustomer();
    const ids: string[] = [];
    for await (const one of openai(customer).models.list()) ids.push(one.id);
    expect(ids).toEqual([model]);
  });

  test.each([
    ["a model outside the plan", { model: "gpt-5" }, 404, "model_not_found"],
    ["more than one answer", { n: 2 }, 400, null],
    ["a negative bound", { max_tokens: -1 }, 400, null],
  ])("%s is refused in OpenAI's words", async (_, over, status, code) => {
    const customer = await stack.makeCustomer();
    const asked = openai(customer).chat.completions.create({ model, messages, ...over });
    await expect(asked).rejects.toMatchObject({ status, code });
  });
});

describe("anthropic", () => {
  test("an answer at once and a stream, booked with the same input", async () => {
    const customer = await stack.makeCustomer();
    const asked = { model, max_tokens: 300, messages };
    const whole = await anthropic(customer).messages.create(asked);
    const streamed = await anthropic(customer).messages.stream(asked).finalMessage();
    expect(streamed.content[0]).toMatchObject({ type: "text" });
    const rows = await stack.ledger(customer.id, 2);
    const inputOf = ({ input_tokens, cache_read_input_tokens }: Anthropic.Usage) =>
      input_tokens + (cache_read_input_tokens ?? 0);
    expect(rows.map((row) => row.input_tokens)).toEqual([whole, streamed].map(({ usage }) => inputOf(usage)));
    expect(rows.map((row) => row.output_tokens)).toEqual([whole, streamed].map(({ usage }) => usage.output_tokens));
    expect(rows[1]?.cached_input_tokens).toBe(streamed.usage.cache_read_input_tokens);
  });

  test("the coding alias, a Bearer token, and counting", async () => {
    const customer = await stack.makeCustomer();
    const coding = new Anthropic({ authToken: customer.token, apiKey: null, baseURL: `${stack.url}/coding` });
    expect((await coding.messages.create({ model: "k2p5", max_tokens: 50, messages })).type).toBe("message");
    expect((await anthropic(customer).messages.countTokens({ model, messages })).input_tokens).toBeGreaterThan(0);
  });

  test("errors in Anthropic's words", async () => {
    const customer = await stack.makeCustomer();
    const wrong = anthropic({ ...customer, token: `${customer.token.slice(0, -1)}0` });
    await expect(wrong.messages.create({ model, max_tokens: 9, messages })).rejects.toBeInstanceOf(
      Anthropic.AuthenticationError,
    );
    const unknown = anthropic(customer).messages.create({ model: "claude", max_tokens: 9, messages });
    await expect(unknown).rejects.toMatchObject({ status: 404, type: "not_found_error" });
  });
});

test("nobody but the provider ever sees the platform's key, and no line of the log a token", async () => {
  const customer = await stack.makeCustomer();
  await openai(customer).chat.completions.create({ model, messages });
  const seen = stack.logs.join("\n");
  expect(seen).toContain(customer.id);
  for (const secret of [PLATFORM_KEY, customer.token, "Say hello"]) expect(seen).not.toContain(secret);
});

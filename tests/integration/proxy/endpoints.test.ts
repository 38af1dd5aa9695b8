/** The calls beside chat, through the vendors' own clients, with two providers from configuration. */
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Customer, PLATFORM_KEY, type ProxyStack, startProxyStack } from "./proxy-stack.ts";

let stack: ProxyStack;
let customer: Customer;

const model = "kimi-coding/k2p5";

/** The provider's stand-in knows every call; another provider of the same model can't be reached. */
const table = (provider: string) => ({
  providers: {
    dead: { key: "DEAD_API_KEY", openai: "http://127.0.0.1:9/v1", endpoints: ["chat/completions"] },
    moonshot: {
      key: "KIMI_API_KEY",
      openai: `${provider}/v1`,
      anthropic: `${provider}/anthropic/v1`,
      endpoints: ["chat/completions", "responses", "embeddings", "messages"],
    },
  },
  models: [
    { id: model, name: "K", context_window: 262_144, routes: [{ provider: "moonshot", model: "kimi-k2.5" }] },
    {
      id: "second-chance",
      name: "S",
      context_window: 1_000,
      routes: [
        { provider: "dead", model: "x" },
        { provider: "moonshot", model: "kimi-k2.5" },
      ],
    },
    { id: "gone", name: "G", context_window: 1_000, routes: [{ provider: "dead", model: "x" }] },
  ],
});

beforeAll(async () => {
  stack = await startProxyStack({
    varsFor: (urls) => ({ MODEL_TABLE: JSON.stringify(table(urls.model)), DEAD_API_KEY: "sk-dead" }),
  });
});
afterAll(() => stack.close());
beforeEach(async () => {
  stack.model.faults.clear();
  customer = await stack.makeCustomer();
});

const openai = () => new OpenAI({ apiKey: customer.token, baseURL: `${stack.url}/v1`, maxRetries: 0 });
const anthropic = () => new Anthropic({ apiKey: customer.token, baseURL: stack.url, maxRetries: 0 });

describe("responses", () => {
  const ask = { model, input: "Say hello", instructions: "Be brief" };

  test("at once and streamed, booked by the closing figures", async () => {
    const whole = await openai().responses.create(ask);
    expect(whole.output_text).toContain("Say hello");
    let streamed: OpenAI.Responses.Response | undefined;
    let text = "";
    for await (const event of await openai().responses.create({ ...ask, stream: true })) {
      if (event.type === "response.output_text.delta") text += event.delta;
      if (event.type === "response.completed") streamed = event.response;
    }
    expect(text).toContain("Say hello");
    const rows = await stack.ledger(customer.id, 2);
    for (const [row, { usage }] of [
      [rows[0], whole],
      [rows[1], streamed ?? whole],
    ] as const) {
      expect(row).toMatchObject({
        model,
        input_tokens: usage?.input_tokens,
        output_tokens: usage?.output_tokens,
        estimated: false,
        outcome: "completed",
      });
    }
  });

  test("that breaks off throws in the client, and is booked as an estimate", async () => {
    stack.model.faults.add({ fault: { kind: "cut", afterEvents: 7 } });
    const read = async () => {
      for await (const _ of await openai().responses.create({ ...ask, stream: true }));
    };
    await expect(read()).rejects.toThrow(/broke off/);
    expect(await stack.ledger(customer.id, 1)).toMatchObject([{ estimated: true, outcome: "upstream_error" }]);
  });

  test("a spent allowance is a message here too", async () => {
    customer = await stack.makeCustomer({ used: 1_000_000, whenSpent: "message" });
    const parameters = { type: "object", properties: {} };
    const turn = { ...ask, tools: [{ type: "function" as const, name: "exec", parameters, strict: false }] };
    expect((await openai().responses.create(turn)).output_text).toContain("used up your tokens");
    const stream = openai().responses.stream(turn);
    expect((await stream.finalResponse()).output_text).toContain("used up your tokens");
  });

  test("is 404 in OpenAI's words for a model without it", async () => {
    const asked = openai().responses.create({ ...ask, model: "gone" });
    await expect(asked).rejects.toMatchObject({ status: 404, code: "unknown_url", param: "model" });
  });
});

describe("embeddings", () => {
  test("cost their input and nothing else", async () => {
    const answer = await openai().embeddings.create({ model, input: ["one text", "and another"] });
    expect(answer.data).toHaveLength(2);
    expect(answer.data[0]?.embedding.length).toBeGreaterThan(10);
    expect(await stack.ledger(customer.id, 1)).toMatchObject([
      { model, input_tokens: answer.usage.prompt_tokens, output_tokens: 0, estimated: false },
    ]);
  });

  test("with a spent allowance there is no message to give: an error", async () => {
    customer = await stack.makeCustomer({ used: 1_000_000, whenSpent: "message" });
    const asked = openai().embeddings.create({ model, input: "x" });
    await expect(asked).rejects.toMatchObject({ status: 429, code: "insufficient_quota" });
  });
});

describe("models", () => {
  test("are listed, and told one by one to both clients, slash or not", async () => {
    const ids = (await openai().models.list()).data.map(({ id }) => id);
    expect(ids).toEqual([model, "second-chance", "gone"]);
    expect(await openai().models.retrieve(model)).toMatchObject({ id: model, object: "model" });
    expect(await anthropic().models.retrieve(model)).toMatchObject({ id: model, type: "model", display_name: "K" });
    const raw = await fetch(`${stack.url}/v1/models/${model}`, { headers: { "x-api-key": customer.token } });
    expect(await raw.json()).toMatchObject({ id: model });
    await expect(openai().models.retrieve("other")).rejects.toMatchObject({ status: 404, code: "model_not_found" });
  });
});

describe("providers", () => {
  const messages = [{ role: "user" as const, content: "Say hello" }];

  test("the second one answers when the first can't be reached", async () => {
    const answer = await openai().chat.completions.create({ model: "second-chance", messages });
    expect(answer.choices[0]?.message.content).toContain("Say hello");
    expect(await stack.ledger(customer.id, 1)).toMatchObject([{ model: "second-chance", outcome: "completed" }]);
  });

  test("in the other API only: the client is told which call to use", async () => {
    const asked = anthropic().messages.create({ model: "gone", max_tokens: 9, messages });
    await expect(asked).rejects.toMatchObject({ status: 400, type: "invalid_request_error" });
    await expect(asked).rejects.toThrow("POST /v1/chat/completions");
  });

  test("all down: 502, later 503 without asking, and no word of an address or a key", async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) {
      const response = await fetch(`${stack.url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${customer.token}` },
        body: JSON.stringify({ model: "gone", messages }),
      });
      statuses.push(response.status);
      expect(await response.text()).not.toMatch(/127\.0\.0\.1|sk-dead|dead/);
      expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    }
    expect(statuses[0]).toBe(502);
    expect(statuses[3]).toBe(503);
  });
});

test("no line of the log has a key", () => {
  for (const secret of [PLATFORM_KEY, "sk-dead"]) expect(stack.logs.join("\n")).not.toContain(secret);
});

/** What goes wrong between a client, the edge and the provider, and what is booked for it. */
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Customer, type ProxyStack, startProxyStack } from "./proxy-stack.ts";

let stack: ProxyStack;
let customer: Customer;

beforeAll(async () => {
  stack = await startProxyStack({ chunkDelayMs: 20 });
});
afterAll(() => stack.close());
beforeEach(async () => {
  stack.model.faults.clear();
  customer = await stack.makeCustomer();
});

const model = "k2p5";
const messages = [{ role: "user", content: "Count slowly to a hundred" }];

const post = (path: string, body: object, headers: Record<string, string> = {}, signal?: AbortSignal) =>
  fetch(`${stack.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${customer.token}`, "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });

const chat = (over: object = {}, signal?: AbortSignal) =>
  post("/v1/chat/completions", { model, messages, ...over }, {}, signal);

const lastRequest = () => stack.model.requests().at(-1);

describe("a client that leaves", () => {
  test.each([1, 3, 6])("after %i chunks is booked once, with the provider's own figures", async (chunks) => {
    const controller = new AbortController();
    const response = await chat({ stream: true }, controller.signal);
    const reader = response.body?.getReader();
    for (let i = 0; i < chunks; i++) await reader?.read();
    controller.abort();
    const [row, ...others] = await stack.ledger(customer.id, 1);
    const served = lastRequest();
    expect(served?.outcome).toBe("done");
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      input_tokens: served?.usage.input,
      output_tokens: served?.usage.output,
      estimated: false,
      outcome: "client_closed",
    });
  });
});

describe("a provider", () => {
  test("that breaks off in the middle: an error in the stream, and what was produced is booked as an estimate", async () => {
    stack.model.faults.add({ fault: { kind: "cut", afterEvents: 4 } });
    const client = new OpenAI({ apiKey: customer.token, baseURL: `${stack.url}/v1`, maxRetries: 0 });
    const stream = await client.chat.completions.create({
      model,
      messages: [{ role: "user", content: "Count" }],
      stream: true,
    });
    const read = async () => {
      for await (const _ of stream);
    };
    await expect(read()).rejects.toThrow(/broke off/);
    const [row] = await stack.ledger(customer.id, 1);
    expect(row).toMatchObject({ estimated: true, outcome: "upstream_error" });
    expect(row?.output_tokens).toBeGreaterThan(0);
    expect(row?.input_tokens).toBeGreaterThan(0);
  });

  test.each([
    ["no usage", null],
    ["an absurd usage", { output: -5 }],
  ])("that tells %s: ours is booked, as an estimate", async (_, usage) => {
    stack.model.faults.add({ fault: { kind: "usage", usage } });
    await (await chat({ stream: true })).text();
    const [row] = await stack.ledger(customer.id, 1);
    expect(row).toMatchObject({ estimated: true, outcome: "completed" });
    expect(row?.output_tokens).toBeGreaterThan(0);
  });

  test.each([401, 402, 403] as const)("that answers %i about our key: not a word of it", async (status) => {
    stack.model.faults.add({ fault: { kind: "status", status }, times: 2 });
    const response = await chat();
    expect(response.status).toBe(502);
    const text = await response.text();
    expect(text).not.toMatch(/key|credential|quota|billing|payment|\b40[123]\b/i);
    expect(JSON.parse(text)).toMatchObject({ error: { code: "upstream_failed" } });
  });

  test("that fails once is asked again, and only the answer is booked", async () => {
    stack.model.faults.add({ fault: { kind: "status", status: 500 } });
    expect((await chat()).status).toBe(200);
    expect(await stack.ledger(customer.id, 1)).toHaveLength(1);
  });

  test("that stays busy: 503, and the reservation is let go", async () => {
    stack.model.faults.add({ fault: { kind: "status", status: 429, retryAfter: 1 }, times: 2 });
    const response = await chat();
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("1");
    stack.model.faults.clear();
    const next = await chat({ max_tokens: 10 });
    const held = 1_000_000 - Number(next.headers.get("x-ratelimit-remaining-tokens"));
    expect(held).toBeLessThan(1_000);
  });

  test("that does not take the request: its own words go on", async () => {
    const response = await chat({ messages: [{ role: "user" }, 7] });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { type: "invalid_request_error" } });
  });
});

describe("a token", () => {
  test.each(["", "sk-something", "ocp_short"])("like %j is refused without waking anybody", async (token) => {
    const before = stack.model.requests().length;
    const response = await post("/v1/chat/completions", { model, messages }, { authorization: `Bearer ${token}` });
    expect(response.status).toBe(401);
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect(stack.model.requests()).toHaveLength(before);
  });

  test("that is genuine but unknown, revoked, or of a suspended customer", async () => {
    await stack.neon.query(`update proxy_tokens set status = 'revoked', revoked_at = now() where id = $1`, [
      customer.tokenId,
    ]);
    expect((await chat()).status).toBe(401);
    customer = await stack.makeCustomer();
    await stack.neon.query(`update subscriptions set status = 'unpaid' where customer_id = $1`, [customer.id]);
    const response = await chat();
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: { code: "account_suspended" } });
  });

  test("may send 20 at once, not more, on whatever path and with whatever header", async () => {
    const bad = { model, messages: [] };
    const asked = Array.from({ length: 30 }, (_, i) =>
      i % 2
        ? fetch(`${stack.url}/v1/models`, {
            headers: { "x-api-key": customer.token, "x-forwarded-for": `10.0.0.${i}` },
          })
        : post(i % 4 ? "/coding/v1/messages/count_tokens" : "/v1/messages/count_tokens", { ...bad, messages }),
    );
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    const passed = statuses.filter((status) => status === 200).length;
    expect(passed).toBeGreaterThanOrEqual(20);
    expect(passed).toBeLessThan(30);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
  });
});

describe("a spent allowance", () => {
  test("is an error that nobody repeats, for a token that asks for errors", async () => {
    customer = await stack.makeCustomer({ used: 1_000_000 });
    const response = await chat();
    expect(response.status).toBe(429);
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(86_400);
    const body = (await response.json()) as { error: { code: string; message: string } };
    expect(body.error.code).toBe("insufficient_quota");
    expect(body.error.message).toContain("https://cloud.example/pricing");
  });

  test("is a normal message for a box, in its language, and costs nothing", async () => {
    customer = await stack.makeCustomer({ used: 1_000_000, whenSpent: "message", language: "de" });
    const before = stack.model.requests().length;
    const client = new OpenAI({ apiKey: customer.token, baseURL: `${stack.url}/v1` });
    const turn: OpenAI.ChatCompletionCreateParamsNonStreaming = {
      model,
      messages: [{ role: "user", content: "Hi" }],
      tools: [{ type: "function", function: { name: "exec", parameters: { type: "object", properties: {} } } }],
    };
    const whole = await client.chat.completions.create(turn);
    expect(whole.choices[0]?.message.content).toMatch(/aufgebraucht.*https:\/\/cloud\.example\/pricing/);
    const streamed = client.chat.completions.stream({ ...turn, stream: true });
    expect((await streamed.finalChatCompletion()).choices[0]?.message.content).toContain("aufgebraucht");
    expect(stack.model.requests()).toHaveLength(before);
  });

  test("is an error for what a box's OpenClaw asks for itself: a summary would be that message from then on", async () => {
    customer = await stack.makeCustomer({ used: 1_000_000, whenSpent: "message" });
    expect((await chat()).status).toBe(429);
  });

  test("is announced at nine tenths", async () => {
    customer = await stack.makeCustomer({ used: 900_000 });
    expect((await chat({ max_tokens: 10 })).headers.get("x-token-warning")).toBe("90%");
    customer = await stack.makeCustomer({ used: 899_999 });
    expect((await chat({ max_tokens: 10 })).headers.get("x-token-warning")).toBeNull();
  });
});

describe("a request", () => {
  test.each([
    ["not JSON", "{", 400],
    ["an array", "[]", 400],
    ["a NUL", "\0", 400],
    ["a million brackets", "[".repeat(1_000_000), 400],
    ["a deep object", `{"model":"k2p5","messages":[${"[".repeat(100_000)}${"]".repeat(100_000)}]}`, 400],
    ["over 10 MB", `{"model":"k2p5","messages":["${"x".repeat(10 * 1024 * 1024)}"]}`, 413],
  ])("that is %s is refused cheaply", async (_, body, status) => {
    const response = await fetch(`${stack.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${customer.token}` },
      body,
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { type: "invalid_request_error" } });
  });

  test.each(["/v1/nothing", "/v1/chat", "/coding/v1/other"])("to %s gets JSON", async (path) => {
    const response = await post(path, {});
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: "unknown_url" } });
  });
});

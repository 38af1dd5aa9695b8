/** The vendors' own clients. Chats, streams, tools and pictures come through them in tests/clients, by way of the edge. */
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Served, serve } from "../http/serve.ts";
import { createModel, type ModelStandIn } from "./model.ts";

const model = "kimi-k2.5";
const messages = [{ role: "user" as const, content: "hello" }];
const apiKey = "sk-stand-in";

let standIn: ModelStandIn;
let served: Served;
let openai: OpenAI;
let anthropic: Anthropic;

beforeEach(async () => {
  standIn = createModel({ apiKey, chunkDelayMs: 0 });
  served = await serve(standIn.app);
  openai = new OpenAI({ apiKey, baseURL: `${served.url}/v1`, maxRetries: 0 });
  anthropic = new Anthropic({ apiKey, baseURL: `${served.url}/anthropic`, maxRetries: 0 });
});
afterEach(() => served.close());

const chat = (more: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming> = {}) =>
  openai.chat.completions.create({ model, messages, ...more });

async function stream(signal?: AbortSignal): Promise<OpenAI.ChatCompletionChunk[]> {
  const body = { model, messages, stream: true as const, stream_options: { include_usage: true } };
  const chunks = [];
  for await (const chunk of await openai.chat.completions.create(body, { ...(signal && { signal }) }))
    chunks.push(chunk);
  return chunks;
}

test("an answer says what was said, with the same figures at once and streamed", async () => {
  const first = await chat();
  expect(first.choices[0]?.message.content).toBe("You said “hello”. (answer 1 from the built-in model stand-in)");
  const chunks = await stream();
  expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toContain("(answer 2");
  const last = chunks.at(-1);
  expect(last).toMatchObject({ choices: [], usage: first.usage });
  expect(standIn.requests()[1]).toEqual({
    usage: { input: last?.usage?.prompt_tokens, cached: 0, output: last?.usage?.completion_tokens },
    outcome: "done",
  });
});

test("the output limit holds to the token", async () => {
  const cut = await chat({ max_completion_tokens: 5 });
  expect(cut.choices[0]).toMatchObject({ finish_reason: "length", message: { content: "You said “hello”. (a" } });
  expect(cut.usage?.completion_tokens).toBe(5);
  const response = await openai.responses.stream({ model, input: "hello", max_output_tokens: 5 }).finalResponse();
  expect(response).toMatchObject({
    status: "incomplete",
    output_text: "You said “hello”. (a",
    usage: { output_tokens: 5 },
  });
});

test("a picture counts as a picture, and what was read before as cached", async () => {
  const system = "Be kind. ".repeat(200);
  const image = { type: "image_url" as const, image_url: { url: `data:image/png;base64,${"A".repeat(100_000)}` } };
  const seen = await chat({
    messages: [
      { role: "system", content: system },
      { role: "user", content: [image] },
    ],
  });
  expect(seen.usage?.prompt_tokens).toBe(451 + 3 + 1024);
  const ask = () => anthropic.messages.create({ model, max_tokens: 100, system, messages });
  expect((await ask()).usage).toMatchObject({ cache_read_input_tokens: 0, input_tokens: 453 });
  expect((await ask()).usage).toMatchObject({ cache_read_input_tokens: 448, input_tokens: 453 - 448 });
});

test("Anthropic's client hears thinking before the text", async () => {
  const thinking = { type: "enabled" as const, budget_tokens: 1024 };
  const final = await anthropic.messages.stream({ model, max_tokens: 2000, thinking, messages }).finalMessage();
  expect(final.content.map(({ type }) => type)).toEqual(["thinking", "text"]);
  expect(final.usage.output_tokens).toBe(standIn.requests()[0]?.usage.output);
});

test("each vendor's errors have its own shape", async () => {
  await expect(chat({ messages: [] })).rejects.toMatchObject({ status: 400, type: "invalid_request_error" });
  const unknown = anthropic.messages.create({ model: "gpt-4", max_tokens: 10, messages });
  await expect(unknown).rejects.toMatchObject({ status: 404, error: { error: { type: "not_found_error" } } });
});

test("planned faults hit the requests they are planned for", async () => {
  standIn.faults.add({ at: 2, times: 2, fault: { kind: "status", status: 429, retryAfter: 7 } });
  await chat();
  const limited = await chat().catch((thrown: unknown) => thrown);
  expect(limited).toMatchObject({ status: 429, type: "rate_limit_reached_error" });
  expect(limited).toHaveProperty(
    "headers",
    expect.toSatisfy((headers) => headers.get("retry-after") === "7"),
  );
  await expect(chat()).rejects.toBeInstanceOf(OpenAI.RateLimitError);
  standIn.faults.add({ fault: { kind: "usage", usage: { output: 9e12 } } });
  expect((await chat()).usage?.completion_tokens).toBe(9e12);
  standIn.faults.add({ fault: { kind: "ignore_max_tokens" } });
  expect((await chat({ max_tokens: 1 })).usage?.completion_tokens).toBeGreaterThan(5);
});

test("a stream that breaks off, falls silent or is left counts what was sent", async () => {
  standIn.faults.add({ fault: { kind: "cut", afterEvents: 3 } });
  await expect(stream()).rejects.toThrow();
  standIn.faults.add({ fault: { kind: "stall", afterEvents: 3 } });
  expect(await stream(AbortSignal.timeout(300))).toHaveLength(3);
  await expect
    .poll(() => standIn.requests())
    .toMatchObject([
      { outcome: "cut", usage: { output: 6 } },
      { outcome: "aborted", usage: { output: 6 } },
    ]);
});

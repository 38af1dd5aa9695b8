import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterEach, describe, expect, test } from "vitest";
import { mount } from "../http/mount.ts";
import { type Served, serve } from "../http/serve.ts";
import { createModel, type ModelOptions, type ModelStandIn } from "./model.ts";

const API_KEY = "sk-stand-in";
const open: { served: Served; model: ModelStandIn }[] = [];
afterEach(async () => {
  for (const { served, model } of open.splice(0)) {
    await model.close();
    await served.close();
  }
});

/** Mounted below a name, as `npm start` does it. */
async function start(options: Partial<ModelOptions> = {}) {
  const model = createModel({ apiKey: API_KEY, chunkDelayMs: 0, ...options });
  const served = await serve(mount({ model }).app);
  open.push({ served, model });
  const base = `${served.url}/model`;
  const openai = new OpenAI({ apiKey: API_KEY, baseURL: `${base}/v1`, maxRetries: 0 });
  const anthropic = new Anthropic({ apiKey: API_KEY, baseURL: `${base}/anthropic`, maxRetries: 0 });
  return { model, openai, anthropic, base };
}

const model = "kimi-k2.5";
const hello = [{ role: "user" as const, content: "hello" }];
const weather = { type: "object" as const, properties: {} };

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe("OpenAI's client", () => {
  test("gets an answer that says what was said, and a count", async () => {
    const { openai, model: standIn } = await start();
    const first = await openai.chat.completions.create({ model, messages: hello });
    expect(first.choices[0]?.message.content).toBe("You said “hello”. (answer 1 from the built-in model stand-in)");
    const second = await openai.chat.completions.create({ model, messages: hello });
    expect(second.choices[0]?.message.content).toContain("answer 2");
    const { usage } = standIn.requests()[0] ?? {};
    expect(first.usage).toMatchObject({ prompt_tokens: usage?.input, completion_tokens: usage?.output });
    expect(standIn.totals().requests).toBe(2);
  });

  test("streams the same answer in several chunks, with usage in a last chunk if asked", async () => {
    const { openai, model: standIn } = await start();
    const stream_options = { include_usage: true };
    const chunks = await collect(
      await openai.chat.completions.create({ model, messages: hello, stream: true, stream_options }),
    );
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toContain("You said “hello”.");
    expect(chunks.length).toBeGreaterThan(5);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: standIn.totals().output } });
    const silent = await collect(await openai.chat.completions.create({ model, messages: hello, stream: true }));
    expect(silent.some(({ usage }) => usage)).toBe(false);
    expect(standIn.requests().map(({ outcome }) => outcome)).toEqual(["done", "done"]);
  });

  test("finds Moonshot's usage in the last choice", async () => {
    const { openai } = await start({ usageShape: "choice" });
    const chunks = await collect(await openai.chat.completions.create({ model, messages: hello, stream: true }));
    expect(chunks.at(-1)?.choices[0]).toMatchObject({
      finish_reason: "stop",
      usage: { total_tokens: expect.any(Number) },
    });
  });

  test("honours the output limit to the token", async () => {
    const { openai } = await start();
    const cut = await openai.chat.completions.create({ model, messages: hello, max_completion_tokens: 5 });
    expect(cut.choices[0]?.finish_reason).toBe("length");
    expect(cut.choices[0]?.message.content).toBe("You said “hello”. (a");
    expect(cut.usage?.completion_tokens).toBe(5);
  });

  test("gets reasoning and a forced tool call", async () => {
    const { openai } = await start();
    const answer = await openai.chat.completions.create({
      model,
      messages: hello,
      reasoning_effort: "low",
      tools: [{ type: "function", function: { name: "weather", parameters: weather } }],
      tool_choice: { type: "function", function: { name: "weather" } },
    });
    const [choice] = answer.choices;
    expect(choice?.message).toHaveProperty("reasoning_content", expect.stringContaining("hello"));
    expect(choice?.message.tool_calls?.[0]).toMatchObject({ function: { name: "weather", arguments: "{}" } });
    expect(choice?.finish_reason).toBe("tool_calls");
  });

  test("gets a forced tool call as a stream", async () => {
    const { openai } = await start();
    const runner = openai.chat.completions.stream({
      model,
      messages: hello,
      tools: [{ type: "function", function: { name: "weather", parameters: weather } }],
      tool_choice: { type: "function", function: { name: "weather" } },
    });
    const final = await runner.finalChatCompletion();
    expect(final.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { name: "weather", arguments: "{}" } });
  });

  test("counts a picture as a picture, and what was read before as cached", async () => {
    const { openai } = await start();
    const system = { role: "system" as const, content: "Be kind. ".repeat(200) };
    const url = `data:image/png;base64,${"A".repeat(100_000)}`;
    const content = [
      { type: "text" as const, text: "What is this?" },
      { type: "image_url" as const, image_url: { url } },
    ];
    const seen = await openai.chat.completions.create({ model, messages: [system, { role: "user", content }] });
    expect(seen.choices[0]?.message.content).toContain("“What is this?”");
    expect(seen.usage?.prompt_tokens).toBeGreaterThan(1024);
    expect(seen.usage?.prompt_tokens).toBeLessThan(2048);
    expect(seen.usage?.prompt_tokens_details?.cached_tokens).toBe(0);
    const again = await openai.chat.completions.create({ model, messages: [system, ...hello] });
    expect(again.usage?.prompt_tokens_details?.cached_tokens).toBe(448);
  });

  test("lists models and embeds", async () => {
    const { openai, model: standIn } = await start();
    expect((await openai.models.list()).data.map(({ id }) => id)).toContain(model);
    const input = ["one", "two", "one"];
    const { data, usage } = await openai.embeddings.create({ model: "moonshot-v1-embedding", input });
    expect(data[0]?.embedding).toEqual(data[2]?.embedding);
    expect(data[0]?.embedding).not.toEqual(data[1]?.embedding);
    expect(Math.hypot(...(data[0]?.embedding ?? []))).toBeCloseTo(1, 4);
    expect(usage.total_tokens).toBe(standIn.totals().input);
  });

  test("speaks the Responses API, whole and streamed", async () => {
    const { openai } = await start();
    const whole = await openai.responses.create({ model, input: "hello" });
    expect(whole.output_text).toContain("You said “hello”.");
    const stream = openai.responses.stream({
      model,
      input: [{ role: "user", content: "hello" }],
      max_output_tokens: 5,
    });
    const final = await stream.finalResponse();
    expect(final).toMatchObject({
      status: "incomplete",
      output_text: "You said “hello”. (a",
      usage: { output_tokens: 5 },
    });
  });
});

describe("Anthropic's client", () => {
  test("gets an answer; input tokens leave out what was cached", async () => {
    const { anthropic, model: standIn } = await start();
    const system = "Be kind. ".repeat(200);
    const ask = () => anthropic.messages.create({ model, max_tokens: 100, system, messages: hello });
    const first = await ask();
    expect(first.content).toEqual([{ type: "text", text: expect.stringContaining("You said “hello”.") }]);
    const { usage } = await ask();
    expect(usage.cache_read_input_tokens).toBe(448);
    expect(usage.input_tokens + 448).toBe(standIn.requests()[1]?.usage.input);
  });

  test("streams thinking, text and usage", async () => {
    const { anthropic, model: standIn } = await start();
    const thinking = { type: "enabled" as const, budget_tokens: 1024 };
    const stream = anthropic.messages.stream({ model, max_tokens: 2000, thinking, messages: hello });
    const final = await stream.finalMessage();
    expect(final.content.map(({ type }) => type)).toEqual(["thinking", "text"]);
    expect(final.stop_reason).toBe("end_turn");
    expect(final.usage.output_tokens).toBe(standIn.totals().output);
  });

  test("gets a forced tool call, whole and streamed", async () => {
    const { anthropic } = await start();
    const body = {
      model,
      max_tokens: 100,
      messages: hello,
      tools: [{ name: "weather", input_schema: weather }],
      tool_choice: { type: "tool" as const, name: "weather" },
    };
    const call = { type: "tool_use", name: "weather", input: {} };
    expect((await anthropic.messages.create(body)).content[0]).toMatchObject(call);
    expect((await anthropic.messages.stream(body).finalMessage()).content[0]).toMatchObject(call);
  });

  test("counts tokens as an answer would", async () => {
    const { anthropic, model: standIn } = await start();
    const counted = await anthropic.messages.countTokens({ model, messages: hello });
    await anthropic.messages.create({ model, max_tokens: 10, messages: hello });
    expect(counted.input_tokens).toBe(standIn.totals().input);
  });

  test("is told about a wrong body, a wrong model and a wrong key in its own shape", async () => {
    const { anthropic, base } = await start();
    await expect(anthropic.messages.create({ model, max_tokens: 10, messages: [] })).rejects.toMatchObject({
      status: 400,
      error: { type: "error", error: { type: "invalid_request_error" } },
    });
    await expect(anthropic.messages.create({ model: "gpt-4", max_tokens: 10, messages: hello })).rejects.toBeInstanceOf(
      Anthropic.NotFoundError,
    );
    const stranger = new Anthropic({ apiKey: "wrong", baseURL: `${base}/anthropic`, maxRetries: 0 });
    await expect(stranger.messages.create({ model, max_tokens: 10, messages: hello })).rejects.toMatchObject({
      status: 401,
      error: { type: "error", error: { type: "authentication_error" } },
    });
  });
});

describe("faults", () => {
  const chat = (openai: OpenAI) => openai.chat.completions.create({ model, messages: hello });
  const stream = async (openai: OpenAI) =>
    collect(
      await openai.chat.completions.create({
        model,
        messages: hello,
        stream: true,
        stream_options: { include_usage: true },
      }),
    );

  test("a status hits the planned requests only", async () => {
    const { openai } = await start({
      faults: [{ at: 2, times: 2, fault: { kind: "status", status: 429, retryAfter: 7 } }],
    });
    await chat(openai);
    const error = await chat(openai).catch((thrown: unknown) => thrown);
    if (!(error instanceof OpenAI.RateLimitError))
      throw new Error("the second request is not limited", { cause: error });
    expect(error.type).toBe("rate_limit_reached_error");
    expect(error.headers.get("retry-after")).toBe("7");
    await expect(chat(openai)).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    await chat(openai);
  });

  test("a cut stream breaks, and counts what was sent", async () => {
    const { openai, model: standIn } = await start();
    standIn.faults.add({ fault: { kind: "cut", afterEvents: 3 } });
    await expect(stream(openai)).rejects.toThrow();
    expect(standIn.requests()[0]).toMatchObject({ outcome: "cut", usage: { output: 6 } });
  });

  test("a hang lasts until the client gives up", async () => {
    const { openai, model: standIn } = await start();
    standIn.faults.add({ fault: { kind: "hang" } });
    await expect(openai.chat.completions.create({ model, messages: hello }, { timeout: 200 })).rejects.toBeInstanceOf(
      OpenAI.APIConnectionTimeoutError,
    );
    await chat(openai);
  });

  test("usage can be absurd or missing", async () => {
    const { openai, model: standIn } = await start();
    standIn.faults.add({ fault: { kind: "usage", usage: { output: 9e12 } } });
    expect((await chat(openai)).usage?.completion_tokens).toBe(9e12);
    standIn.faults.add({ fault: { kind: "usage", usage: null } });
    expect((await stream(openai)).some(({ usage }) => usage)).toBe(false);
    expect(standIn.totals().output).toBeLessThan(100);
  });

  test("the output limit can be ignored", async () => {
    const { openai, model: standIn } = await start();
    standIn.faults.add({ fault: { kind: "ignore_max_tokens" } });
    const messages = [{ role: "user" as const, content: "Write 50 words" }];
    const { usage } = await openai.chat.completions.create({ model, messages, max_tokens: 5 });
    expect(usage?.completion_tokens).toBeGreaterThan(50);
  });

  test("a client that leaves is seen", async () => {
    const { openai, model: standIn } = await start();
    standIn.faults.add({ fault: { kind: "slow", chunkDelayMs: 20 } });
    const leaving = await openai.chat.completions.create({ model, messages: hello, stream: true });
    for await (const _ of leaving) break;
    await expect.poll(() => standIn.requests()[0]?.outcome).toBe("aborted");
    expect(standIn.totals().output).toBeLessThan(10);
  });
});

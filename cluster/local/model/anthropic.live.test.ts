import Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import { hello, model, setUpModel, weather } from "./testing/set-up-model.ts";

const start = setUpModel();

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

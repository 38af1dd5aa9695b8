import { describe, expect, it } from "vitest";
import type { Dialect } from "./dialect.ts";
import { readModelCall, upstreamBody } from "./model-call.ts";

const messages = [{ role: "user", content: "hi" }];
const read = (dialect: Dialect, over: Record<string, unknown>) =>
  readModelCall(dialect, { json: { model: "k2p5", messages, ...over }, bytes: 100 });
const sent = (dialect: Dialect, over: Record<string, unknown>, granted = 500): unknown =>
  JSON.parse(upstreamBody(read(dialect, over), granted));

describe("readModelCall", () => {
  it.each(["kimi-coding/k2p5", "k2p5", "kimi-for-coding"])("knows the model %s", (model) => {
    expect(read("openai", { model }).model).toMatchObject({ id: "kimi-coding/k2p5", upstreamId: "kimi-k2.5" });
  });

  it.each([
    ["an unknown model", { model: "gpt-5" }, "model_not_found"],
    ["no model", { model: undefined }, "invalid_request"],
    ["no messages", { messages: [] }, "invalid_request"],
    ["two answers", { n: 2 }, "invalid_request"],
    ["a hundred answers", { n: 100 }, "invalid_request"],
    ["a stream that is text", { stream: "yes" }, "invalid_request"],
    ["a negative bound", { max_tokens: -1 }, "invalid_request"],
    ["a bound of nothing", { max_tokens: 0 }, "invalid_request"],
    ["half a token", { max_completion_tokens: 0.5 }, "invalid_request"],
    ["a bound in words", { max_tokens: "many" }, "invalid_request"],
    ["a bound beyond numbers", { max_tokens: 1e300 }, "invalid_request"],
  ])("refuses %s", (_, over, kind) => {
    expect(() => read("openai", over)).toThrow(expect.objectContaining({ kind }));
  });

  it("takes a huge bound for the meter to lower, and null for none", () => {
    expect(read("openai", { max_tokens: 1e9 }).maxOutput).toBe(1e9);
    expect(read("openai", { max_tokens: null, n: null, stream: null })).toMatchObject({
      maxOutput: null,
      stream: false,
    });
    expect(read("openai", { max_tokens: 7, max_completion_tokens: 9 }).maxOutput).toBe(9);
  });

  it("wants Anthropic's bound", () => {
    expect(() => read("anthropic", {})).toThrow("max_tokens is required");
  });
});

describe("upstreamBody", () => {
  it("changes the model and the bound, and nothing that it does not know", () => {
    const body = sent("openai", { max_completion_tokens: 9_999, temperature: 0.5, thinking: { type: "enabled" } });
    expect(body).toEqual({
      model: "kimi-k2.5",
      messages,
      temperature: 0.5,
      thinking: { type: "enabled" },
      max_completion_tokens: 500,
    });
  });

  it("bounds a request that names no bound, and sends one bound only", () => {
    expect(sent("openai", {})).toMatchObject({ max_tokens: 500 });
    expect(sent("openai", { max_tokens: 1, max_completion_tokens: 2 })).not.toHaveProperty("max_tokens");
  });

  it("always asks a stream for its usage", () => {
    const stream_options = { include_usage: false, include_obfuscation: false };
    expect(sent("openai", { stream: true, stream_options })).toMatchObject({
      stream_options: { include_usage: true, include_obfuscation: false },
    });
    expect(sent("openai", { stream_options })).not.toHaveProperty("stream_options");
  });

  it("keeps Anthropic's thinking below what was granted", () => {
    const thinking = { type: "enabled", budget_tokens: 4_000 };
    const asked = { max_tokens: 8_000, thinking };
    expect(sent("anthropic", asked, 8_000)).toMatchObject({ max_tokens: 8_000, thinking });
    expect(sent("anthropic", asked, 3_000)).toMatchObject({ thinking: { budget_tokens: 2_999 } });
    expect(sent("anthropic", asked, 1_024)).not.toHaveProperty("thinking");
  });
});

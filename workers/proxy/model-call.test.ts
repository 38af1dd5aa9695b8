import { describe, expect, it } from "vitest";
import type { Endpoint } from "../models/endpoint.ts";
import type { ModelTable } from "../models/model-table.ts";
import { upstreamBody } from "./dialects/upstream-body.ts";
import { readModelCall } from "./model-call.ts";

const urls = (...endpoints: Endpoint[]) =>
  Object.fromEntries(endpoints.map((one) => [one, `https://p.example/${one}`]));
const provider = (id: string, ...endpoints: Endpoint[]) => ({ id, apiKey: "sk", urls: urls(...endpoints) });
const all = provider("all", "chat/completions", "messages", "responses", "embeddings");
const chatOnly = provider("chat-only", "chat/completions");
const row = { name: "K", contextWindow: 1_000 };
const table: ModelTable = [
  {
    ...row,
    id: "kimi-coding/k2p5",
    aliases: ["k2p5", "kimi-for-coding"],
    routes: [
      { provider: chatOnly, upstreamId: "other" },
      { provider: all, upstreamId: "kimi-k2.5" },
    ],
  },
  { ...row, id: "plain", aliases: [], routes: [{ provider: chatOnly, upstreamId: "plain-1" }] },
];

const messages = [{ role: "user", content: "hi" }];
const read = (endpoint: Endpoint, over: Record<string, unknown>) =>
  readModelCall(table, endpoint, { json: { model: "k2p5", messages, ...over }, bytes: 100 });
const sent = (endpoint: Endpoint, over: Record<string, unknown>, granted = 500): unknown =>
  JSON.parse(upstreamBody(read(endpoint, over), "kimi-k2.5", granted));

describe("readModelCall", () => {
  it.each(["kimi-coding/k2p5", "k2p5", "kimi-for-coding"])("knows the model %s", (model) => {
    expect(read("chat/completions", { model }).model.id).toBe("kimi-coding/k2p5");
  });

  it("asks only providers that know the call, in their order", () => {
    const asked = (endpoint: Endpoint) =>
      read(endpoint, { input: "hi", max_tokens: 1 }).routes.map(({ provider: { id } }) => id);
    expect(asked("chat/completions")).toEqual(["chat-only", "all"]);
    expect(asked("messages")).toEqual(["all"]);
  });

  it("says which call a model has, where it lacks the one that was used", () => {
    const kind = "wrong_endpoint";
    const message = "The model plain does not have /v1/messages. Use POST /v1/chat/completions.";
    expect(() => read("messages", { model: "plain" })).toThrow(expect.objectContaining({ kind, message }));
    expect(() => read("responses", { model: "plain" })).toThrow(expect.objectContaining({ kind: "not_found" }));
  });

  it.each([
    ["nothing to read", { input: [] }],
    ["an empty text", { input: "" }],
    ["another customer's answer to go on from", { input: "hi", previous_response_id: "resp_1" }],
    ["a stored conversation", { input: "hi", conversation: "conv_1" }],
    ["a stored item", { input: [{ type: "item_reference", id: "msg_1" }] }],
    ["work in the background", { input: "hi", background: true }],
    ["the provider's own tools", { input: "hi", tools: [{ type: "web_search" }] }],
  ])("refuses responses with %s", (_, over) => {
    expect(() => read("responses", over)).toThrow(expect.objectContaining({ kind: "invalid_request" }));
  });

  it("holds no output for embeddings, and streams none", () => {
    expect(read("embeddings", { input: ["a", "b"] })).toMatchObject({ maxOutput: 0, dialect: "openai" });
    expect(() => read("embeddings", { input: "a", stream: true })).toThrow("stream");
    expect(() => read("embeddings", {})).toThrow("input");
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
    expect(() => read("chat/completions", over)).toThrow(expect.objectContaining({ kind }));
  });

  it("takes a huge bound for the meter to lower, and null for none", () => {
    expect(read("chat/completions", { max_tokens: 1e9 }).maxOutput).toBe(1e9);
    expect(read("chat/completions", { max_tokens: null, n: null, stream: null })).toMatchObject({
      maxOutput: null,
      stream: false,
    });
    expect(read("chat/completions", { max_tokens: 7, max_completion_tokens: 9 }).maxOutput).toBe(9);
  });

  it("wants Anthropic's bound", () => {
    expect(() => read("messages", {})).toThrow("max_tokens is required");
  });
});

describe("upstreamBody", () => {
  it("changes the model and the bound, and nothing that it does not know", () => {
    const body = sent("chat/completions", {
      max_completion_tokens: 9_999,
      temperature: 0.5,
      thinking: { type: "enabled" },
    });
    expect(body).toEqual({
      model: "kimi-k2.5",
      messages,
      temperature: 0.5,
      thinking: { type: "enabled" },
      max_completion_tokens: 500,
    });
  });

  it("bounds a request that names no bound, and sends one bound only", () => {
    expect(sent("chat/completions", {})).toMatchObject({ max_tokens: 500 });
    expect(sent("chat/completions", { max_tokens: 1, max_completion_tokens: 2 })).not.toHaveProperty("max_tokens");
  });

  it("always asks a stream for its usage", () => {
    const stream_options = { include_usage: false, include_obfuscation: false };
    expect(sent("chat/completions", { stream: true, stream_options })).toMatchObject({
      stream_options: { include_usage: true, include_obfuscation: false },
    });
    expect(sent("chat/completions", { stream_options })).not.toHaveProperty("stream_options");
  });

  it("bounds responses, and has none of them stored", () => {
    expect(sent("responses", { input: "hi", store: true })).toMatchObject({ max_output_tokens: 500, store: false });
    expect(sent("embeddings", { messages: undefined, input: "hi" })).toEqual({ model: "kimi-k2.5", input: "hi" });
  });

  it("keeps Anthropic's thinking below what was granted", () => {
    const thinking = { type: "enabled", budget_tokens: 4_000 };
    const asked = { max_tokens: 8_000, thinking };
    expect(sent("messages", asked, 8_000)).toMatchObject({ max_tokens: 8_000, thinking });
    expect(sent("messages", asked, 3_000)).toMatchObject({ thinking: { budget_tokens: 2_999 } });
    expect(sent("messages", asked, 1_024)).not.toHaveProperty("thinking");
  });
});

import { describe, expect, it } from "vitest";
import { createStreamOutput } from "./stream-output.ts";

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", created: 7, model: "k2", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const event = (type: string, rest: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe("createStreamOutput", () => {
  it("counts what is said, in every place where a model says something", () => {
    const output = createStreamOutput("openai");
    output.see(chunk({ role: "assistant", content: "" }));
    expect([output.upper(), output.estimate()]).toEqual([0, 0]);
    output.see(chunk({ reasoning_content: "12345678" }));
    output.see(chunk({ content: "12345678" }));
    output.see(chunk({ tool_calls: [{ index: 0, function: { name: "1234", arguments: "1234" } }] }));
    expect([output.upper(), output.estimate()]).toEqual([12, 6]);
  });

  it("counts bytes of UTF-8, and one token an event at least", () => {
    const output = createStreamOutput("anthropic");
    output.see(event("content_block_delta", { index: 0, delta: { type: "text_delta", text: "日本語😀é" } }));
    // 3 · 3 + 4 + 2 bytes.
    expect([output.upper(), output.estimate()]).toEqual([8, 4]);
    for (let i = 0; i < 10; i++) {
      output.see(event("content_block_delta", { index: 0, delta: { type: "input_json_delta", partial_json: "{" } }));
    }
    expect([output.upper(), output.estimate()]).toEqual([13, 11]);
  });

  it.each(["", ": keepalive\n\n", "data: [DONE]\n\n", 'data: {"choices":[', "data: 7\n\n", 'data: {"choices":7}\n\n'])(
    "takes %j for no output",
    (noise) => {
      const output = createStreamOutput("openai");
      output.see(noise);
      expect([output.upper(), output.finished()]).toEqual([0, false]);
    },
  );

  it("knows when the model has said why it stopped", () => {
    const openai = createStreamOutput("openai");
    openai.see(chunk({ content: "a" }));
    expect(openai.finished()).toBe(false);
    openai.see(chunk({}, "stop"));
    expect(openai.finished()).toBe(true);
    const anthropic = createStreamOutput("anthropic");
    anthropic.see(event("message_delta", { delta: { stop_reason: "end_turn" }, usage: { output_tokens: 3 } }));
    expect(anthropic.finished()).toBe(true);
  });

  it("ends an OpenAI stream under its own id, with usage where it was asked for", () => {
    const output = createStreamOutput("openai");
    output.see(chunk({ content: "a" }));
    const head = { id: "c1", object: "chat.completion.chunk", created: 7, model: "k2" };
    const end = text(output.ending({ inputTokens: 9, outputTokens: 1, wanted: true })).split("\n\n");
    expect(end.slice(0, 2).map((data) => JSON.parse(data.slice(6)))).toEqual([
      { ...head, choices: [{ index: 0, delta: {}, finish_reason: "length" }] },
      { ...head, choices: [], usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 } },
    ]);
    expect(end.slice(2)).toEqual(["data: [DONE]", ""]);
    expect(text(output.ending({ inputTokens: 9, outputTokens: 1, wanted: false }))).not.toContain("usage");
  });

  it("ends an Anthropic stream, and the block that is open in it", () => {
    const output = createStreamOutput("anthropic");
    const types = () =>
      [...text(output.ending({ inputTokens: 9, outputTokens: 5, wanted: true })).matchAll(/^event: (.*)$/gm)].map(
        ([, type]) => type,
      );
    output.see(event("content_block_start", { index: 2, content_block: { type: "text", text: "" } }));
    expect(types()).toEqual(["content_block_stop", "message_delta", "message_stop"]);
    expect(text(output.ending({ inputTokens: 9, outputTokens: 5, wanted: true }))).toContain('"index":2');
    output.see(event("content_block_stop", { index: 2 }));
    expect(types()).toEqual(["message_delta", "message_stop"]);
  });
});

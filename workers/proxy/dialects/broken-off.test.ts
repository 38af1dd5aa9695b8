import { describe, expect, it } from "vitest";
import { createStreamOutput } from "./stream-output.ts";

const message = { stream: true, model: "k2p5", id: "0-1", text: "It broke", now: 1_700_000_000_000 };
const data = (json: object): string => `data: ${JSON.stringify(json)}\n\n`;
const chunk = (delta: object, finish_reason: string | null = null) =>
  data({ id: "x", model: "k2p5", choices: [{ index: 0, delta, finish_reason }] });

/** What ends the stream that has said these events. */
function ending(dialect: "openai" | "anthropic" | "responses", ...events: string[]): string | undefined {
  const output = createStreamOutput(dialect);
  for (const event of events) output.see(event);
  const bytes = output.brokenOff({ ...message, dialect });
  return bytes && new TextDecoder().decode(bytes);
}

describe("an OpenAI stream that breaks off", () => {
  it("goes on with the text, as the same answer, and stops", () => {
    const text = ending("openai", chunk({ role: "assistant", content: "Hi" })) ?? "";
    const [said, stop, done] = text.trim().split("\n\n");
    expect(JSON.parse(said?.slice(6) ?? "")).toMatchObject({
      id: "x",
      choices: [{ delta: { content: "\n\nIt broke" } }],
    });
    expect(JSON.parse(stop?.slice(6) ?? "")).toMatchObject({ id: "x", choices: [{ finish_reason: "stop" }] });
    expect(done).toBe("data: [DONE]");
  });

  it("is a whole answer where nothing had come", () => {
    expect(ending("openai")).toContain('"role":"assistant","content":"It broke"');
  });

  it("lacks only its end where the model had finished", () => {
    expect(ending("openai", chunk({ content: "Hi" }), chunk({}, "stop"))).toBe("data: [DONE]\n\n");
  });

  it("has no good end in the middle of a tool's call", () => {
    expect(
      ending("openai", chunk({ tool_calls: [{ index: 0, function: { arguments: '{"command":"rm -' } }] })),
    ).toBeUndefined();
  });
});

describe("an Anthropic stream that breaks off", () => {
  const start = data({ type: "message_start", message: {} });
  const block = (index: number, type: string) => data({ type: "content_block_start", index, content_block: { type } });

  it("closes its block, and says the text in one more", () => {
    const text =
      ending(
        "anthropic",
        start,
        block(0, "thinking"),
        data({ type: "content_block_stop", index: 0 }),
        block(1, "text"),
      ) ?? "";
    expect(text).toMatch(/^event: content_block_stop\ndata: \{"type":"content_block_stop","index":1\}\n\n/);
    expect(text).toContain('"index":2,"delta":{"type":"text_delta","text":"It broke"}');
    expect(text.endsWith('event: message_stop\ndata: {"type":"message_stop"}\n\n')).toBe(true);
  });

  it("has no good end in the middle of a tool's call", () => {
    expect(ending("anthropic", start, block(0, "tool_use"))).toBeUndefined();
  });
});

it("a stream of the Responses API is not continued", () => {
  expect(ending("responses", data({ type: "response.created" }))).toBeUndefined();
});

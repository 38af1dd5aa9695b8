import { describe, expect, it } from "vitest";
import { messageResponse } from "./assistant-message.ts";

const message = { model: "k2p5", id: "0-1", text: "It is spent", now: 1_700_000_000_000 };

describe("messageResponse", () => {
  it("is a whole OpenAI answer without usage", async () => {
    const body = await messageResponse({ ...message, dialect: "openai", stream: false }).json();
    expect(body).toMatchObject({ object: "chat.completion", choices: [{ message: { content: "It is spent" } }] });
    expect(body).not.toHaveProperty("usage");
  });

  it("is an OpenAI stream that ends", async () => {
    const response = messageResponse({ ...message, dialect: "openai", stream: true });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const text = await response.text();
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(text).not.toContain("usage");
  });

  it("is an Anthropic stream with all its steps", async () => {
    const text = await messageResponse({ ...message, dialect: "anthropic", stream: true }).text();
    const names = [...text.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name);
    expect(names).toEqual([
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
  });

  it("is a response with all its steps, numbered, that costs nothing", async () => {
    const text = await messageResponse({ ...message, dialect: "responses", stream: true }).text();
    const events = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? ""));
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, i) => i));
    expect(events[0]).toMatchObject({ type: "response.created", response: { status: "in_progress", output: [] } });
    const whole = await messageResponse({ ...message, dialect: "responses", stream: false }).json();
    expect(events.at(-1)).toMatchObject({ type: "response.completed", response: whole });
    expect(whole).toMatchObject({
      object: "response",
      output: [{ content: [{ type: "output_text", text: "It is spent" }] }],
      usage: { total_tokens: 0 },
    });
  });
});

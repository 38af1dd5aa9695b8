import { describe, expect, it } from "vitest";
import { promptSize } from "./prompt-size.ts";

const size = (content: unknown) => {
  const body = { messages: [{ role: "user", content }] };
  return promptSize(body, JSON.stringify(body).length);
};
const picture = "A".repeat(400_000);

describe("promptSize", () => {
  it("is at most a token a byte, and probably a quarter", () => {
    const body = { messages: [{ role: "user", content: "x".repeat(1_000) }] };
    const bytes = JSON.stringify(body).length;
    expect(promptSize(body, bytes)).toEqual({ promptBytes: bytes + 8, promptEstimate: Math.ceil(bytes / 4) });
  });

  it.each([
    ["OpenAI's", { type: "image_url", image_url: { url: `data:image/png;base64,${picture}` } }],
    ["Anthropic's", { type: "image", source: { type: "base64", media_type: "image/png", data: picture } }],
    [
      "a tool result's",
      { type: "tool_result", content: [{ type: "image", source: { type: "base64", data: picture } }] },
    ],
  ])("counts %s picture by a fixed price", (_, part) => {
    const { promptBytes, promptEstimate } = size([{ type: "text", text: "what is this?" }, part]);
    expect(promptBytes).toBeGreaterThan(12_000);
    expect(promptBytes).toBeLessThan(12_400);
    expect(promptEstimate).toBeLessThan(1_700);
  });

  it("takes nothing off for text that calls itself a picture", () => {
    const text = "y".repeat(100_000);
    for (const part of [
      { type: "image_url", image_url: { url: text } },
      { type: "image", source: { type: "text", data: text } },
      { type: "image", text },
    ]) {
      expect(size([part]).promptBytes).toBeGreaterThan(100_000);
    }
  });
});

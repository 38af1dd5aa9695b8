import fc from "fast-check";
import { expect, test } from "vitest";
import { promptTokens, readPrompt } from "./prompt.ts";
import { countTokens, IMAGE_TOKENS, sharedPrefixTokens, tokenize } from "./tokens.ts";

test("tokens joined again are the text, and as many as were counted", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const tokens = tokenize(text);
      expect(tokens.join("")).toBe(text);
      expect(tokens).toHaveLength(countTokens(text));
    }),
  );
});

test("only whole blocks of a common beginning are cached", () => {
  expect(sharedPrefixTokens("a".repeat(1000), "a".repeat(1000), 64)).toBe(192);
  expect(sharedPrefixTokens("a".repeat(255), "a".repeat(400), 64)).toBe(0);
  expect(sharedPrefixTokens("", "anything", 64)).toBe(0);
});

test("a prompt is all its text; pictures cost the same whatever their bytes", () => {
  const message = { role: "user", content: [{ type: "text", text: "hi" }] };
  const picture = (bytes: number) => ({ type: "image_url", image_url: { url: "A".repeat(bytes) } });
  const without = promptTokens(readPrompt([message]));
  expect(promptTokens(readPrompt([message, picture(10)]))).toBe(without + IMAGE_TOKENS);
  expect(promptTokens(readPrompt([message, picture(10_000)]))).toBe(without + IMAGE_TOKENS);
  expect(promptTokens(readPrompt([{ ...message, cache_control: { type: "ephemeral" } }]))).toBe(without);
});

import { expect, test } from "vitest";
import { globMatcher } from "./glob.ts";

test.each([
  ["*", "", true],
  ["*", "anything\n", true],
  ["a?c", "abc", true],
  ["a?c", "ac", false],
  ["code:*", "code:1", true],
  ["code:*", "decode:1", false],
  ["[a-c]x", "bx", true],
  ["[c-a]x", "bx", true],
  ["[^a]x", "ax", false],
  ["[^a]x", "bx", true],
  ["[a.]x", ".x", true],
  ["[a.]x", "bx", false],
  ["\\*", "*", true],
  ["\\*", "a", false],
  ["a.c(d|e)+$", "a.c(d|e)+$", true],
  ["a.c", "abc", false],
  ["é*", "école", true],
  ["[]", "a", false],
])("%s on %s: %s", (pattern, text, expected) => {
  expect(globMatcher(pattern)(text)).toBe(expected);
});

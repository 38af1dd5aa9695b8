import { expect, test } from "vitest";
import { parseMemory } from "./pod-memory.ts";

test("the kernel's figures become MiB; names before them don't matter", () => {
  const told = "1610612736\n1610612736\nanon 524288000\noom_kill 2\n";
  expect(parseMemory(told)).toEqual({ peakMib: 1536, limitMib: 1536, heldMib: 500, killed: 2 });
});

test("a container without a limit, or without figures, is an error and no zero", () => {
  expect(() => parseMemory("1610612736\nmax\nanon 5\noom_kill 0")).toThrow("does not tell its memory");
  expect(() => parseMemory("")).toThrow("does not tell its memory");
});

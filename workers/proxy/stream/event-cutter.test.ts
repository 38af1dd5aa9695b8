import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEventCutter } from "./event-cutter.ts";

/** Where events end in a whole text, by the grammar: a blank line, its end included. */
function endsOf(text: string): number[] {
  const lines = text.match(/[^\r\n]*(\r\n|\r|\n)/g) ?? [];
  const ends: number[] = [];
  let at = 0;
  for (const line of lines) {
    at += line.length;
    if (/^[\r\n]/.test(line)) ends.push(at);
  }
  return ends;
}

/** Where the cutter finds them when the text comes in chunks of these sizes. */
function cutsOf(text: string, sizes: readonly number[]): { ends: number[]; between: boolean } {
  const bytes = new TextEncoder().encode(text);
  const cutter = createEventCutter();
  const ends: number[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const chunk = bytes.subarray(at, at + (sizes[i] ?? bytes.length));
    for (const cut of cutter.cuts(chunk)) ends.push(at + cut);
    at += chunk.length;
  }
  return { ends, between: cutter.between() };
}

describe("createEventCutter", () => {
  it("finds every end, however the bytes are cut", () => {
    const text = fc.string({ unit: fc.constantFrom("\r", "\n", "\r\n", "x", "yyyyyyyy"), maxLength: 40 });
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 });
    fc.assert(
      fc.property(text, sizes, (lines, parts) => {
        // A last letter settles whether an LF belongs to the CR before it.
        const { ends, between } = cutsOf(`${lines}z`, parts);
        expect(ends).toEqual(endsOf(`${lines}z`));
        expect(between).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ["", true],
    ["data: 1\n\n", true],
    ["data: 1\r\r", true],
    ["data: 1\r\n\r\n", true],
    ["data: 1\n", false],
    ["data: 1\r\n", false],
    ["data", false],
    ["data: 1\n\ndata", false],
  ])("knows whether it is between events after %j", (text, expected) => {
    expect(cutsOf(text, []).between).toBe(expected);
    expect(cutsOf(text, Array(20).fill(1)).between).toBe(expected);
  });
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { createAnswerReader } from "./answer-reader.ts";
import { streamedAnswer, wholeAnswer } from "./mock-answers.ts";

/** Feeds the answer in parts of these lengths; returns after which character it was whole. */
function feed(answer: string, lengths: readonly number[]) {
  const reader = createAnswerReader();
  let at = 0;
  for (let i = 0; at < answer.length; i++) {
    const part = answer.slice(at, at + (lengths[i % lengths.length] ?? 1));
    at += part.length;
    if (reader.push(part, at)) break;
  }
  return { reader, at };
}

test.each([
  ["JSON", wholeAnswer().toString("latin1"), 0],
  ["a stream", Buffer.concat(streamedAnswer()).toString("latin1"), 51],
])("%s is whole with its last byte, however it is cut", (_, answer, events) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }), (lengths) => {
      const { reader, at } = feed(answer, lengths);
      expect({ at, status: reader.status() }).toEqual({ at: answer.length, status: 200 });
      // A mark may be cut by the frame of a chunk only where we cut chunks: the mock does not.
      expect(reader.events()).toBe(events);
    }),
    { numRuns: 50 },
  );
});

test("the first byte is the body's, not the head's", () => {
  const reader = createAnswerReader();
  expect(reader.push("HTTP/1.1 429 Too Many\r\nContent-Length: 2\r\n\r\n", 1)).toBe(false);
  expect(reader.firstByteAt()).toBe(0);
  expect(reader.push("{", 2)).toBe(false);
  expect(reader.push("}", 3)).toBe(true);
  expect([reader.firstByteAt(), reader.reads(), reader.status()]).toEqual([2, 2, 429]);
});

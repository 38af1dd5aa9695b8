import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createUsageTap } from "./usage-tap.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (chunks: readonly Uint8Array[]): string => {
  const decoder = new TextDecoder();
  return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("") + decoder.decode();
};

/** Feeds the bytes in pieces of the given sizes (repeated) and returns what came out and what was read. */
function run(
  bytes: Uint8Array,
  sizes: readonly number[],
  dropUsage: boolean,
  dialect: "openai" | "anthropic" = "openai",
) {
  const tap = createUsageTap(dialect, dropUsage);
  const out: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    out.push(...tap.push(bytes.slice(at, at + size)));
    at += size;
  }
  out.push(...tap.end());
  return { text: decode(out), usage: tap.usage(), outputs: tap.outputEvents() };
}

const USAGE = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18, cached_tokens: 4 };
const delta = (content: string) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}`;
const usageOnly = `data: ${JSON.stringify({ id: "x", choices: [], usage: USAGE })}`;
const newline = fc.constantFrom("\n", "\r\n", "\r");
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });

describe("createUsageTap", () => {
  it("passes any bytes unchanged, however they are cut, when nothing is to be left out", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), sizes, (bytes, cut) => {
        const tap = createUsageTap("openai", false);
        const out: number[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = cut[turn % cut.length] ?? 1;
          for (const piece of tap.push(bytes.slice(at, at + size))) out.push(...piece);
          at += size;
        }
        for (const piece of tap.end()) out.push(...piece);
        expect(out).toEqual([...bytes]);
      }),
    );
  });

  it("lets the events of one chunk go on together, and those around one that is left out", () => {
    const [text, rest] = [`${delta("a")}\n\n${delta("b")}\n\n`, "data: [DONE]\n\n"];
    const pieces = createUsageTap("openai", true).push(encode(`${text}${usageOnly}\n\n${rest}`));
    expect(pieces.map((piece) => decode([piece]))).toEqual([text, rest]);
  });

  it("leaves out nothing but the usage event, and reads the same usage, for any text, line end and cut", () => {
    const texts = fc.array(fc.string({ unit: "grapheme", maxLength: 30 }), { maxLength: 8 });
    fc.assert(
      fc.property(texts, newline, sizes, fc.boolean(), (contents, end, cut, done) => {
        const before = contents.map((content) => delta(content) + end + end).join("");
        const after = done ? `data: [DONE]${end}${end}` : "";
        const bytes = encode(before + usageOnly + end + end + after);
        const expected = { input: 11, cached: 4, output: 7, absurd: false, final: true };
        expect(run(bytes, cut, true)).toEqual({ text: before + after, usage: expected, outputs: contents.length });
        expect(run(bytes, cut, false)).toEqual({
          text: before + usageOnly + end + end + after,
          usage: expected,
          outputs: contents.length,
        });
      }),
    );
  });

  it("reads the usage of a stream that ends without a newline", () => {
    expect(run(encode(`${delta("a")}\n\n${usageOnly}`), [3], true)).toMatchObject({
      text: `${delta("a")}\n\n`,
      usage: { input: 11, output: 7 },
    });
  });

  it("keeps Moonshot's usage inside the last choice", () => {
    const last = `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: "stop", usage: USAGE }] })}\n\n`;
    expect(run(encode(last), [7], true)).toMatchObject({ text: last, usage: { input: 11, cached: 4, output: 7 } });
  });

  it("lets the last word win where both shapes come, and never adds them up", () => {
    const first = `data: ${JSON.stringify({ choices: [{ delta: {}, usage: { ...USAGE, completion_tokens: 6 } }] })}\n\n`;
    expect(run(encode(`${first}${usageOnly}\n\n`), [9], false).usage).toMatchObject({ input: 11, output: 7 });
  });

  it("reads data lines without a space, comments, and data over several lines", () => {
    const pretty = JSON.stringify({ choices: [], usage: USAGE }, null, 1).split("\n");
    const text = `: keepalive\n\nevent: x\n${pretty.map((line) => `data:${line}`).join("\n")}\n\n`;
    expect(run(encode(text), [5], true)).toMatchObject({ text: ": keepalive\n\n", usage: { input: 11, output: 7 } });
  });

  it("puts Anthropic's parts together", () => {
    const start = {
      type: "message_start",
      message: { usage: { input_tokens: 5, cache_read_input_tokens: 90, output_tokens: 1 } },
    };
    const text = { type: "content_block_delta", delta: { type: "text_delta", text: "hi" } };
    const end = { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 42 } };
    const event = (data: { type: string }) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
    const bytes = encode(event(start) + event(text) + event(end));
    expect(run(bytes, [4], false, "anthropic").usage).toEqual({ input: 95, cached: 90, output: 42, final: true });
    const cut = run(encode(event(start) + event(text)), [4], false, "anthropic");
    expect(cut).toMatchObject({ usage: { input: 95, output: 1, final: false }, outputs: 1 });
  });

  it.each([false, true])("holds no more than a bounded part of a 10 MB line (leaving out: %s)", (dropUsage) => {
    const tap = createUsageTap("openai", dropUsage);
    const chunk = new Uint8Array(64 * 1024).fill(120);
    let out = 0;
    let held = 0;
    for (let fed = 0; fed < 10 * 1024 * 1024; ) {
      fed += chunk.length;
      for (const piece of tap.push(chunk)) out += piece.length;
      held = Math.max(held, fed - out);
    }
    expect(held).toBeLessThanOrEqual(256 * 1024);
    const after = decode(tap.push(encode(`\n\n${usageOnly}\n\n${delta("go on")}\n\n`)));
    expect(after).toContain("go on");
    expect(after.includes("prompt_tokens")).toBe(!dropUsage);
    expect(tap.usage()).toMatchObject({ input: 11 });
  });
});

describe("a tap that lets whole events go on", () => {
  const told = (...chunks: string[]) => {
    const tap = createUsageTap("openai", false, undefined, true);
    const passed = chunks.flatMap((chunk) => tap.push(new TextEncoder().encode(chunk)));
    return { tap, text: passed.map((bytes) => new TextDecoder().decode(bytes)).join("") };
  };
  const said = 'data: {"choices":[{"delta":{"content":"an \\"error\\""}}]}\n\n';

  it("holds back what has no end yet", () => {
    expect(told(said, 'data: {"choi')).toMatchObject({ text: said });
  });

  it.each([
    'data: {"error":{"message":"out of credits"}}\n\n',
    'event: error\ndata: {"type":"error","error":{"message":"out of credits"}}\n\n',
  ])("stops before a failure: %j", (failure) => {
    const { tap, text } = told(said + failure + said, said);
    expect(text).toBe(said);
    expect(tap.failed()).toBe(true);
    expect(tap.end()).toEqual([]);
  });

  it("takes no answer for a failure", () => {
    const whole = 'data: {"error":null,"choices":[{"delta":{"content":"x"}}]}\n\n';
    expect(told(whole).text).toBe(whole);
    expect(told(whole).tap.failed()).toBe(false);
  });
});

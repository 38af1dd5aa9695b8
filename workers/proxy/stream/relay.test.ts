import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chargeOf, type RelayEnd, relay } from "./relay.ts";
import { createUsageTap } from "./usage-tap.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const delta = `data: {"choices":[{"delta":{"content":"x"}}]}\n\n`;
const usage = `data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3}}\n\n`;
const LONG = 60_000;

/** A provider that is fed by hand, a client that reads by hand, and the relay between them. */
function start(timeouts: { idle?: number; total?: number; drain?: number; keepalive?: number } = {}) {
  const provider = new TransformStream<Uint8Array, Uint8Array>();
  const client = new TransformStream<Uint8Array, Uint8Array>();
  const feed = provider.writable.getWriter();
  const left = new AbortController();
  let aborted = false;
  const end = relay({
    from: provider.readable,
    to: client.writable,
    left: left.signal,
    tap: createUsageTap("openai", false),
    abort() {
      aborted = true;
      feed.abort(new Error("aborted")).catch(() => undefined);
    },
    failure: (kind) => encode(`[${kind}]`),
    keepalive: encode(": alive\n\n"),
    timeouts: { idle: LONG, total: LONG, drain: LONG, keepalive: LONG, ...timeouts },
  });
  return {
    end,
    feed,
    left,
    reader: client.readable.getReader(),
    wasAborted: () => aborted,
    /** Everything the client gets, up to the end. */
    text: () => new Response(client.readable).text(),
    releaseReader(this: { reader: ReadableStreamDefaultReader<Uint8Array> }) {
      this.reader.releaseLock();
    },
  };
}

async function readText(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  return new TextDecoder().decode((await reader.read()).value);
}

describe("relay", () => {
  it("passes the bytes on and reads the usage", async () => {
    const it = start();
    it.releaseReader();
    const text = it.text();
    for (const part of [delta, usage]) await it.feed.write(encode(part));
    await it.feed.close();
    expect(await text).toBe(delta + usage);
    expect(await it.end).toMatchObject({ outcome: "completed", report: { input: 9, output: 3 }, outputEvents: 1 });
  });

  it("reads on to the usage when the client stops reading", async () => {
    const it = start();
    const first = it.reader.read();
    await it.feed.write(encode(delta));
    await first;
    await it.reader.cancel();
    for (const part of [delta, delta, usage]) await it.feed.write(encode(part));
    await it.feed.close();
    expect(await it.end).toMatchObject({ outcome: "client_closed", report: { output: 3 }, outputEvents: 3 });
  });

  it("reads on to the usage when the client was gone before anything came", async () => {
    const it = start();
    it.left.abort();
    for (const part of [delta, usage]) await it.feed.write(encode(part));
    await it.feed.close();
    expect(await it.end).toMatchObject({ outcome: "client_closed", report: { output: 3 } });
  });

  it("stops reading for a client that left long ago", async () => {
    const it = start({ drain: 30 });
    it.left.abort();
    await it.feed.write(encode(delta));
    expect(await it.end).toMatchObject({ outcome: "client_closed", outputEvents: 1, report: undefined });
    expect(it.wasAborted()).toBe(true);
  });

  it("tells a client of a provider that fell silent", async () => {
    const it = start({ idle: 30 });
    it.releaseReader();
    const text = it.text();
    await it.feed.write(encode(delta));
    expect(await text).toBe(`${delta}[upstream_timeout]`);
    expect(await it.end).toMatchObject({ outcome: "upstream_error", outputEvents: 1 });
    expect(it.wasAborted()).toBe(true);
  });

  it("gives a sign of life while the provider is silent, and counts none of it", async () => {
    const it = start({ keepalive: 20 });
    await it.feed.write(encode(delta));
    const texts = [await readText(it.reader), await readText(it.reader), await readText(it.reader)];
    expect(texts).toEqual([delta, ": alive\n\n", ": alive\n\n"]);
    await it.reader.cancel();
    await it.feed.close();
    expect(await it.end).toMatchObject({ outputEvents: 1 });
  });

  it.each(["data: {", "data: 1\n", "data: 1\r\n", ": hm\n\ndata"])("never inside an event: %j", async (part) => {
    const it = start({ keepalive: 20, idle: 200 });
    it.releaseReader();
    const text = it.text();
    await it.feed.write(encode(part));
    expect(await text).toBe(`${part}[upstream_timeout]`);
  });

  it("tells a client of a connection that broke", async () => {
    const it = start();
    it.releaseReader();
    const text = it.text();
    await it.feed.write(encode(delta));
    await it.feed.abort(new Error("reset"));
    expect(await text).toBe(`${delta}[upstream_failed]`);
    expect(await it.end).toMatchObject({ outcome: "upstream_error" });
  });

  it("does not wait for ever for a client that does not read", async () => {
    const it = start({ total: 40 });
    const writing = (async () => {
      for (;;) await it.feed.write(encode(delta));
    })();
    await expect(writing).rejects.toThrow();
    expect((await it.end).outcome).toBe("upstream_error");
  });
});

describe("chargeOf", () => {
  const end = (over: Partial<RelayEnd>): RelayEnd => ({
    outcome: "completed",
    report: undefined,
    outputEvents: 5,
    ...over,
  });

  it("books the provider's figures", () => {
    const report = { input: 9, cached: 2, output: 3, final: true, absurd: false };
    const usage = { inputTokens: 9, cachedInputTokens: 2, outputTokens: 3 };
    expect(chargeOf(end({ report }), 100)).toEqual({ usage, estimated: false });
  });

  it("books our estimate where they are missing, absurd, or not yet final", () => {
    const mine = { usage: { inputTokens: 100, cachedInputTokens: 0, outputTokens: 5 }, estimated: true };
    expect(chargeOf(end({}), 100)).toEqual(mine);
    expect(chargeOf(end({ report: { absurd: true, final: true } }), 100)).toEqual(mine);
    expect(chargeOf(end({ report: { input: 80, cached: 70, output: 1, final: false } }), 100)).toEqual({
      usage: { inputTokens: 80, cachedInputTokens: 70, outputTokens: 5 },
      estimated: true,
    });
  });

  it("books nothing where the provider broke off before it produced anything", () => {
    expect(chargeOf(end({ outcome: "upstream_error", outputEvents: 0 }), 100).usage).toBeNull();
    expect(chargeOf(end({ outcome: "client_closed", outputEvents: 0 }), 100).usage).not.toBeNull();
  });

  it("never books a negative or fractional figure, whatever was reported", () => {
    const figure = fc.option(fc.nat(1_000_000), { nil: undefined });
    const reports = fc.record({
      input: figure,
      cached: figure,
      output: figure,
      final: fc.boolean(),
      absurd: fc.boolean(),
    });
    fc.assert(
      fc.property(reports, fc.nat(1_000), ({ input, cached, output, ...flags }, outputEvents) => {
        const report = {
          ...flags,
          ...(input !== undefined && { input }),
          ...(cached !== undefined && { cached }),
          ...(output !== undefined && { output }),
        };
        const { usage: booked } = chargeOf(end({ report, outputEvents }), 50);
        for (const tokens of Object.values(booked ?? {})) expect(Number.isInteger(tokens) && tokens >= 0).toBe(true);
      }),
    );
  });
});

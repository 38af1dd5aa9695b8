/** Whatever a provider streams, the client gets the same bytes, and the Worker keeps none of them. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Customer, type ProxyStack, startProxyStack } from "./proxy-stack.ts";

let stack: ProxyStack;
let provider: Server;
let customer: Customer;
/** What the provider says next, chunk by chunk. */
let script: () => Iterable<Uint8Array> = () => [];

beforeAll(async () => {
  provider = createServer((request, response) => {
    request.resume().on("end", async () => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const chunk of script()) {
        if (!response.write(chunk)) await new Promise((go) => response.once("drain", go));
        // So that chunks arrive as they were cut.
        else await new Promise(setImmediate);
      }
      response.end();
    });
  });
  await new Promise<void>((listening) => provider.listen(0, "127.0.0.1", listening));
  const { port } = provider.address() as AddressInfo;
  stack = await startProxyStack({ vars: { KIMI_BASE_URL: `http://127.0.0.1:${port}` } });
});
afterAll(async () => {
  await stack.close();
  provider.close();
});
beforeEach(async () => {
  customer = await stack.makeCustomer({ tier: "team" });
});

async function ask(path: "/v1/chat/completions" | "/v1/messages" = "/v1/chat/completions"): Promise<Response> {
  // A rate limit is not what this is about.
  for (;;) {
    const response = await fetch(`${stack.url}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${customer.token}` },
      body: JSON.stringify({
        model: "k2p5",
        max_tokens: 100,
        messages: [{ role: "user", content: "hi" }],
        stream: true,
        stream_options: { include_usage: true },
      }),
    });
    if (response.status !== 429) return response;
    await response.text();
    await new Promise((go) => setTimeout(go, Number(response.headers.get("retry-after-ms"))));
  }
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Pieces of streams as they should be, and of nonsense: unfinished characters, odd line ends, no line ends. */
const piece = fc.oneof(
  fc
    .constantFrom(
      'data: {"choices":[{"delta":{"content":"naïve 😀"}}]}\n\n',
      'data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":1}}\r\n\r\n',
      'event: message_delta\ndata: {"type":"message_delta","usage":{"output_tokens":-1}}\n\n',
      "data: [DONE]\n\n",
      'data:{"usage":\r\r',
      ": a comment\n\n",
      "\n",
      "\r",
      "\uFEFF",
    )
    .map(encode),
  fc.uint8Array({ minLength: 1, maxLength: 300 }),
);

/** All of it, cut anywhere. */
const stream = fc
  .tuple(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(80), { maxLength: 40 }))
  .map(([parts, sizes]) => {
    const all = Buffer.concat(parts);
    const chunks: Buffer[] = [];
    for (let at = 0, i = 0; at < all.length; i++) {
      const size = 1 + (sizes[i] ?? all.length);
      chunks.push(all.subarray(at, at + size));
      at += size;
    }
    return { all, chunks };
  });

test.each(["/v1/chat/completions", "/v1/messages"] as const)(
  "any bytes, cut anywhere, come through %s",
  async (path) => {
    await fc.assert(
      fc.asyncProperty(stream, async ({ all, chunks }) => {
        script = () => chunks;
        const got = Buffer.from(await (await ask(path)).arrayBuffer());
        expect(got.equals(all)).toBe(true);
      }),
      { numRuns: 40 },
    );
  },
);

const MEGABYTE = Buffer.alloc(1024 * 1024, "x");
function* longLine(megabytes: number, head: string): Iterable<Uint8Array> {
  yield encode(head);
  for (let i = 0; i < megabytes; i++) yield MEGABYTE;
}

async function digest(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}

/** Bytes that workerd holds, by the kernel's word; undefined where there is no /proc. */
function workerdBytes(): number | undefined {
  try {
    const pids = execFileSync("pgrep", ["-P", String(process.pid), "workerd"], { encoding: "utf8" })
      .trim()
      .split("\n");
    const kilobytes = pids.map((pid) => /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    return kilobytes.reduce((sum, kb) => sum + Number(kb ?? 0) * 1024, 0);
  } catch {
    return undefined;
  }
}

test("a line of ten megabytes comes through, and a hundred megabytes of such leave nothing behind", async () => {
  const head = 'data: {"choices":[{"delta":{"content":"';
  script = () => longLine(10, head);
  const expected = await digest(longLine(10, head));
  const read = async () => digest((await ask()).body ?? []);
  for (let i = 0; i < 3; i++) expect(await read()).toBe(expected);
  const before = workerdBytes();
  for (let i = 0; i < 10; i++) expect(await read()).toBe(expected);
  const after = workerdBytes();
  if (before === undefined || after === undefined) return;
  console.log(JSON.stringify({ streamed_mb: 100, workerd_grew_mb: Math.round((after - before) / 2 ** 20) }));
  expect(after - before).toBeLessThan(64 * 2 ** 20);
});

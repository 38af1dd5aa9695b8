/**
 * A flood of guessed tokens: what each costs. FLOOD sets how many of each kind (default 2,000; the figure per request
 * does not depend on it).
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deriveToken, importTokenKey, type TokenKeys } from "#schema/domain/proxy-token.ts";
import { type ProxyStack, startProxyStack } from "./proxy-stack.ts";

const FLOOD = Number(process.env.FLOOD ?? 2_000);
const CONNECTIONS = 16;

let stack: ProxyStack;
let folder: string;
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flood-"));
  stack = await startProxyStack({ persistTo: folder });
});
afterAll(async () => {
  agent.destroy();
  await stack.close();
  await rm(folder, { recursive: true, force: true });
});

/** Every Durable Object that ever woke has a file. */
async function meters(): Promise<number> {
  const files = await readdir(folder, { recursive: true });
  return files.filter((file) => /TokenMeter/.test(file) && /[0-9a-f]{64}\.sqlite$/.test(file)).length;
}

function ask(token: string): Promise<number> {
  const body = JSON.stringify({ model: "k2p5", messages: [{ role: "user", content: "hi" }] });
  return new Promise((done, fail) => {
    const headers = { authorization: `Bearer ${token}`, "content-length": Buffer.byteLength(body) };
    const sent = request(`${stack.url}/v1/chat/completions`, { method: "POST", agent, headers }, (answer) => {
      answer.resume().on("end", () => done(answer.statusCode ?? 0));
    });
    sent.on("error", fail).end(body);
  });
}

/** The count of each status, and milliseconds a request as seen by the client. */
async function flood(tokenAt: (i: number) => Promise<string> | string) {
  const statuses = new Map<number, number>();
  const startedAt = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < FLOOD) {
      const status = await ask(await tokenAt(next++));
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  return { statuses, perSecond: Math.round(FLOOD / ((performance.now() - startedAt) / 1_000)) };
}

test("no guess wakes an object or reaches the database", async () => {
  const customer = await stack.makeCustomer();
  // One good request shows that both counts count; it is in the ledger before they are read.
  expect(await ask(customer.token)).toBe(200);
  await stack.ledger(customer.id, 1);
  const [woken, queries] = [await meters(), stack.databaseCalls()];
  expect(woken).toBe(1);
  expect(queries).toBeGreaterThan(0);

  // Right in form, length and checksum, for the same customer, but made with another key.
  const others: TokenKeys = { current: await importTokenKey(new Uint8Array(randomBytes(32))) };
  const wellFormed = await flood(async () => (await deriveToken(others, customer.id, crypto.randomUUID())).token);
  const malformed = await flood((i) => `ocp_${i.toString(36).padStart(80, "0")}`);

  for (const { statuses } of [wellFormed, malformed]) expect([...statuses]).toEqual([[401, FLOOD]]);
  const [objects, calls] = [(await meters()) - woken, stack.databaseCalls() - queries];
  console.log(
    JSON.stringify({
      guesses: 2 * FLOOD,
      durable_objects_per_guess: objects / (2 * FLOOD),
      queries_per_guess: calls / (2 * FLOOD),
      well_formed_per_second: wellFormed.perSecond,
      malformed_per_second: malformed.perSecond,
    }),
  );
  expect(objects).toBe(0);
  expect(calls).toBe(0);
}, 600_000);

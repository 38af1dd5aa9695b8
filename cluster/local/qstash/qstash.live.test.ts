/** The stand-in against Upstash's own client and receiver, with the product's publish. */
import { appendFileSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, Receiver } from "@upstash/qstash";
import { Hono } from "hono";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { serve } from "../http/serve.ts";
import { createQStash } from "./qstash.ts";

const KEYS = { currentSigningKey: "sig_current", nextSigningKey: "sig_next" };
const folder = mkdtempSync(join(tmpdir(), "qstash-"));
const open: { close(): Promise<void> }[] = [];
let now: number;
let arrived: { path: string; headers: Record<string, string>; body: string }[];
let answer: (path: string) => Response | Promise<Response>;
let hook: string;

beforeEach(async () => {
  now = Date.now();
  arrived = [];
  answer = () => new Response("ok");
  const destination = new Hono().all("*", async (c) => {
    const path = c.req.url.slice(new URL(c.req.url).origin.length);
    arrived.push({ path, headers: c.req.header(), body: await c.req.text() });
    return answer(path);
  });
  const served = await serve(destination);
  open.push(served);
  hook = `${served.url}/hooks/jobs`;
});
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(storage?: string) {
  const qstash = createQStash({ token: "right", ...KEYS, storage, now: () => now });
  const served = await serve(qstash.app);
  open.push(qstash, served);
  const client = new Client({ baseUrl: served.url, token: "right", retry: false, enableTelemetry: false });
  // As the product publishes, but for retries that come within milliseconds.
  const usual = {
    url: hook,
    body: { job_id: "1" },
    retries: 2,
    retryDelay: "min(60000, pow(2, retried) * 1)",
    failureCallback: hook.replace("jobs", "failed"),
  };
  const publish = (changes: object = {}) => client.publishJSON({ ...usual, ...changes });
  return { ...qstash, url: served.url, publish };
}

const arrivedAt = (end: string) => arrived.filter(({ path }) => path.endsWith(end));

test("a message arrives once, signed for exactly this address and body", async () => {
  const qstash = await start();
  const url = `${hook}/a%20b?x=1&y=%2F`;
  const { messageId } = await qstash.publish({ url });
  await qstash.idle();
  const body = '{"job_id":"1"}';
  const headers = { "content-type": "application/json", "upstash-message-id": messageId, "upstash-retried": "0" };
  expect(arrived).toMatchObject([{ path: "/hooks/jobs/a%20b?x=1&y=%2F", body, headers }]);
  expect(arrived[0]?.headers).not.toHaveProperty("authorization");

  const signature = arrived[0]?.headers["upstash-signature"] ?? "";
  const receiver = new Receiver({ ...KEYS, devMode: false });
  await expect(receiver.verify({ signature, body, url })).resolves.toBe(true);
  await expect(receiver.verify({ signature, body, url: decodeURIComponent(url) })).rejects.toThrow("subject");
  await expect(receiver.verify({ signature, body: "{}", url })).rejects.toThrow("body hash");
  const stranger = new Receiver({ currentSigningKey: "sig_a", nextSigningKey: "sig_b", devMode: false });
  await expect(stranger.verify({ signature, body, url })).rejects.toThrow("signature");
});

test("a message that fails is tried again, then its publisher is told, by a message like any other", async () => {
  const qstash = await start();
  answer = (path) =>
    new Response("no", {
      status: path.endsWith("jobs") || arrived.length === 4 ? 500 : 200,
      headers: { "retry-after": "0" },
    });
  const { messageId } = await qstash.publish();
  await vi.waitFor(() => expect(qstash.messages().map(({ state }) => state)).toEqual(["failed", "delivered"]));
  expect(arrivedAt("jobs").map(({ headers }) => headers["upstash-retried"])).toEqual(["0", "1", "2"]);
  expect(new Set(arrived.map(({ headers }) => headers["upstash-signature"])).size).toBe(5);
  expect(arrivedAt("failed")).toHaveLength(2);
  const told = JSON.parse(arrivedAt("failed")[1]?.body ?? "");
  expect(told).toMatchObject({ status: 500, body: btoa("no"), retried: 2, maxRetries: 2, sourceMessageId: messageId });
  expect([told.url, atob(told.sourceBody)]).toEqual([hook, '{"job_id":"1"}']);
});

test("nobody there, or a refusal for good, is a failure too", async () => {
  const qstash = await start();
  answer = (path) =>
    new Response("", path.endsWith("jobs") ? { status: 489, headers: { "upstash-nonretryable-error": "true" } } : {});
  await qstash.publish();
  await qstash.publish({ url: "http://127.0.0.1:2/jobs", retries: 0 });
  await qstash.idle();
  expect([arrivedAt("jobs").length, arrivedAt("failed").length]).toEqual([1, 2]);
  expect(qstash.messages()[1]).toMatchObject({ state: "failed", lastOutcome: expect.stringContaining("ECONNREFUSED") });
});

test("the same id within ten minutes is the same message", async () => {
  const qstash = await start();
  const publish = () => qstash.publish({ deduplicationId: "1:1" });
  const { messageId } = await publish();
  now += 599_999;
  expect(await publish()).toEqual({ messageId, deduplicated: true });
  now += 1;
  expect(await publish()).not.toHaveProperty("deduplicated");
  await qstash.idle();
  expect(arrived).toHaveLength(2);
  expect(qstash.messages()).toHaveLength(1);
});

test("a message waits for its delay", async () => {
  const qstash = await start();
  await qstash.publish({ delay: 1 });
  await qstash.idle();
  expect(arrived).toHaveLength(0);
  await vi.waitFor(() => expect(arrived).toHaveLength(1), 5_000);
});

describe("what is refused", () => {
  test.each<[object, string]>([
    [{ url: "destination.example/hook" }, "endpoint has invalid scheme"],
    [{ retryDelay: "retried * 1000" }, "Invalid retry delay"],
    [{ callback: "http://a.example" }, "Unrecognized key"],
    [{ retries: 6 }, "Invalid retries"],
  ])("%j", async (changes, words) => {
    const qstash = await start();
    vi.spyOn(console, "error").mockImplementation(() => {});
    await expect(qstash.publish(changes)).rejects.toThrow(words);
    expect(qstash.messages()).toEqual([]);
  });

  test("whoever has no token", async () => {
    const { url } = await start();
    for (const path of ["publish/http://a.example", "keys"]) {
      expect(
        (await fetch(`${url}/v2/${path}`, { method: "POST", headers: { authorization: "Bearer x" } })).status,
      ).toBe(401);
    }
    const keys = await fetch(`${url}/v2/keys`, { headers: { authorization: "Bearer right" } });
    expect(await keys.json()).toEqual({ current: "sig_current", next: "sig_next" });
  });

  test("every publish while QStash is down", async () => {
    const qstash = await start();
    vi.spyOn(console, "error").mockImplementation(() => {});
    qstash.faults.failPublishes(1);
    await expect(qstash.publish()).rejects.toMatchObject({ status: 503 });
    await expect(qstash.publish()).resolves.toHaveProperty("messageId");
  });
});

test("a restart loses no message, in the middle of a delivery or before it, nor what was seen", async () => {
  const storage = join(folder, "queue.ndjson");
  const first = await start(storage);
  const asked = Promise.withResolvers<void>();
  answer = () => {
    asked.resolve();
    return new Promise(() => {});
  };
  const { messageId } = await first.publish({ deduplicationId: "1:1" });
  await first.publish({ url: `${hook}/later`, delay: 60 });
  await asked.promise;
  await first.close();
  expect(statSync(storage).mode & 0o777).toBe(0o600);
  appendFileSync(storage, '{"messageId":"msg_cut off by a cr');

  answer = () => new Response("ok");
  now += 60_000;
  const second = await start(storage);
  await second.idle();
  expect([arrivedAt("jobs").length, arrivedAt("later").length]).toEqual([2, 1]);
  expect(await second.publish({ deduplicationId: "1:1" })).toEqual({ messageId, deduplicated: true });
  await second.close();
  const third = await start(storage);
  expect(third.messages().map(({ state }) => state)).toEqual(["delivered", "delivered"]);
  appendFileSync(storage, "nonsense\n");
  await expect(start(storage)).rejects.toThrow("is damaged at line 3: delete the file");
});

test("its page shows what became of messages, without their bodies and queries", async () => {
  const qstash = await start();
  const { messageId } = await qstash.publish({ url: `${hook}?secret=1`, body: "private" });
  await qstash.idle();
  const page = await (await fetch(qstash.url)).text();
  expect(page).toContain(messageId);
  expect(page).toContain("delivered");
  expect(page).not.toMatch(/private|secret=|sig_/);
});

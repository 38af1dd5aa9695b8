import { Client } from "@upstash/qstash";
import { describe, expect, test } from "vitest";
import { errorOf, setUpQStash } from "./testing/harness.ts";

const run = setUpQStash();
const hook = (path = "/hook") => `${run.destination.url}${path}`;

test("a message arrives once, as QStash sends it", async () => {
  const url = hook("/hook/a%20b?x=1&y=%2F");
  const { messageId } = await run.qstash.client.publishJSON({ url, body: { job: 1 }, headers: { "X-Job": "one" } });
  await run.qstash.idle();
  expect(run.destination.requests).toHaveLength(1);
  expect(run.destination.requests[0]).toMatchObject({
    method: "POST",
    path: "/hook/a%20b?x=1&y=%2F",
    body: '{"job":1}',
    headers: {
      "content-type": "application/json",
      "user-agent": "Upstash-QStash",
      "upstash-message-id": messageId,
      "upstash-retried": "0",
      "upstash-caller-ip": "127.0.0.1",
      "x-job": "one",
    },
  });
});

test("the publisher's own headers stay behind", async () => {
  await run.qstash.client.publish({ url: hook(), body: "x" });
  await run.qstash.idle();
  const headers = run.destination.requests[0]?.headers ?? {};
  expect(Object.keys(headers)).not.toContain("authorization");
  expect(Object.keys(headers)).not.toContain("upstash-method");
});

test.each(["GET", "PUT", "PATCH", "DELETE"] as const)("delivers as %s", async (method) => {
  await run.qstash.client.publish({ url: hook(), method, body: "x" });
  await run.qstash.idle();
  expect(run.destination.requests).toMatchObject([{ method, body: method === "GET" ? "" : "x" }]);
});

test("bytes arrive unchanged, and are shown as base64", async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  const headers = { "Content-Type": "application/octet-stream" };
  const { messageId } = await run.qstash.client.publish({ url: hook(), body: new Blob([bytes]), delay: 1, headers });
  const shown = await run.qstash.client.messages.get(messageId);
  expect(shown.body).toBeUndefined();
  expect(Buffer.from(shown.bodyBase64 ?? "", "base64")).toEqual(Buffer.from(bytes));
  await run.pass(1_000);
  expect(run.destination.requests[0]?.bytes).toEqual(bytes);
});

describe("a wrong token", () => {
  const paths = ["publish/https://a.example", "batch", "dlq", "keys", "events", "schedules", "queues", "messages/m"];
  test.each(paths)("is refused on %s", async (path) => {
    for (const headers of [{}, { Authorization: "Bearer wrong" }, { Authorization: run.qstash.token }]) {
      const response = await fetch(`${run.qstash.url}/v2/${path}`, { method: "POST", headers });
      expect(response.status).toBe(401);
      expect(await response.json()).toEqual({ error: "unable to authenticate: invalid token" });
    }
  });

  test("is the SDK's error with status 401", async () => {
    const stranger = new Client({ baseUrl: run.qstash.url, token: "wrong", devMode: false, retry: false });
    expect(await errorOf(stranger.publish({ url: hook() }))).toMatchObject({ name: "QstashError", status: 401 });
  });
});

test("what is no URL and no URL group is refused as QStash does", async () => {
  const error = await errorOf(run.qstash.client.publish({ url: "destination.example/hook" }));
  expect(error.status).toBe(400);
  expect(error.message).toContain("endpoint has invalid scheme, add http:// or https:// in front of it");
});

test("a message over one megabyte is refused, one of exactly that size is taken", async () => {
  const size = 1_048_576;
  expect(await errorOf(run.qstash.client.publish({ url: hook(), body: "x".repeat(size + 1) }))).toMatchObject({
    status: 413,
  });
  await run.qstash.client.publish({ url: hook(), body: "x".repeat(size) });
  await run.qstash.idle();
  expect(run.destination.requests[0]?.body).toHaveLength(size);
});

describe("later", () => {
  test("a delay is waited for", async () => {
    await run.qstash.client.publish({ url: hook(), delay: "1h30m" as "1h" });
    await run.pass(90 * 60_000 - 1);
    expect(run.destination.requests).toHaveLength(0);
    await run.pass(1);
    expect(run.destination.requests).toHaveLength(1);
  });

  test("not-before wins over a delay", async () => {
    const notBefore = run.clock.now() / 1_000 + 60;
    await run.qstash.client.publish({ url: hook(), delay: 3_600, notBefore });
    await run.pass(59_999);
    expect(run.destination.requests).toHaveLength(0);
    await run.pass(1);
    expect(run.destination.requests).toHaveLength(1);
  });

  test("a waiting message can be looked at and cancelled", async () => {
    const { client } = run.qstash;
    const { messageId } = await client.publishJSON({ url: hook(), body: { a: 1 }, delay: 60, label: "red" });
    expect(await client.messages.get(messageId)).toMatchObject({
      messageId,
      url: hook(),
      method: "POST",
      body: '{"a":1}',
      header: { "Content-Type": ["application/json"] },
      maxRetries: 3,
      createdAt: run.clock.now(),
      notBefore: run.clock.now() + 60_000,
      labels: ["red"],
    });
    expect(await client.messages.cancel(messageId)).toEqual({ cancelled: 1 });
    expect(await errorOf(client.messages.get(messageId))).toMatchObject({ status: 404 });
    expect(await errorOf(client.messages.cancel(messageId))).toMatchObject({ status: 404 });
    await run.pass(60_000);
    expect(run.destination.requests).toHaveLength(0);
  });

  test("many are cancelled by ids, by filter, and all", async () => {
    const { client } = run.qstash;
    const publish = (label: string) => client.publish({ url: hook(), delay: 60, label });
    const [a] = [await publish("red"), await publish("red"), await publish("blue"), await publish("green")];
    expect(await client.messages.cancel([a.messageId, "msg_unknown"])).toEqual({ cancelled: 1 });
    expect(await client.messages.cancel({ filter: { label: ["red", "blue"] } })).toEqual({ cancelled: 2 });
    expect(await client.messages.cancel({ all: true })).toEqual({ cancelled: 1 });
  });
});

describe("batches and URL groups", () => {
  test("a batch is many messages, to queues too, answered in order", async () => {
    const { client } = run.qstash;
    const answers = await client.batchJSON([
      { url: hook("/a"), body: { n: 1 }, deduplicationId: "same" },
      { url: hook("/b"), body: { n: 2 }, queueName: "q" },
      { url: hook("/a"), body: { n: 3 }, deduplicationId: "same" },
    ]);
    expect(answers).toHaveLength(3);
    expect(answers[2]).toEqual({ messageId: (answers[0] as { messageId: string }).messageId, deduplicated: true });
    await run.qstash.idle();
    expect(run.destination.requests.map(({ path, body }) => [path, body]).sort()).toEqual([
      ["/a", '{"n":1}'],
      ["/b", '{"n":2}'],
    ]);
  });

  test("a batch with one wrong message is refused whole", async () => {
    const { client } = run.qstash;
    expect(await errorOf(client.batch([{ url: hook() }, { url: "nowhere" }]))).toMatchObject({ status: 400 });
    await run.qstash.idle();
    expect(run.destination.requests).toHaveLength(0);
  });

  test("a URL group gets a message for each endpoint", async () => {
    const { client } = run.qstash;
    await client.urlGroups.addEndpoints({
      name: "all",
      endpoints: [{ url: hook("/a"), name: "a" }, { url: hook("/b") }],
    });
    const published = await client.publishJSON({ urlGroup: "all", body: {}, deduplicationId: "once" });
    expect(published).toMatchObject([{ url: hook("/a") }, { url: hook("/b") }]);
    await run.qstash.idle();
    expect(run.destination.requests.map(({ path }) => path).sort()).toEqual(["/a", "/b"]);
    expect(run.destination.requests[0]?.headers["upstash-topic-name"]).toBe("all");
    expect(await client.publishJSON({ urlGroup: "all", body: {}, deduplicationId: "once" })).toMatchObject([
      { deduplicated: true },
      { deduplicated: true },
    ]);

    await client.urlGroups.removeEndpoints({ name: "all", endpoints: [{ name: "a" }] });
    expect(await client.urlGroups.get("all")).toMatchObject({ name: "all", endpoints: [{ url: hook("/b") }] });
    await client.urlGroups.delete("all");
    expect(await client.urlGroups.list()).toEqual([]);
    expect(await errorOf(client.publish({ urlGroup: "all" }))).toMatchObject({ status: 400 });
  });
});

test("redacted parts are hidden in answers and delivered unchanged", async () => {
  const { client } = run.qstash;
  const headers = { Authorization: "Bearer box", "X-Open": "seen" };
  const { messageId } = await client.publish({
    url: hook(),
    body: "private",
    delay: 1,
    headers,
    redact: { body: true, header: ["Authorization"] },
  });
  const shown = JSON.stringify(await client.messages.get(messageId));
  expect(shown).toContain("seen");
  expect(shown).not.toMatch(/private|Bearer box/);
  expect(shown.match(/REDACTED:[0-9a-f]{64}/g)).toHaveLength(2);
  await run.pass(1_000);
  expect(run.destination.requests[0]).toMatchObject({ body: "private", headers: { authorization: "Bearer box" } });
  expect(JSON.stringify(await client.logs())).not.toMatch(/private|cHJpdmF0ZQ|Bearer box/);
});

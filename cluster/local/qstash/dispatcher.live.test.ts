import { describe, expect, test } from "vitest";
import { errorOf, setUpQStash } from "./testing/harness.ts";

const run = setUpQStash();
const hook = (path = "/hook") => `${run.destination.url}${path}`;
const arrivals = (path = "/hook") => run.destination.requests.filter((request) => request.path === path);
const failing = (status = 500, headers: Record<string, string> = {}) => {
  run.destination.answer = () => new Response("no", { status, headers });
};

describe("retries", () => {
  test("come after 12 s, 2 m 28 s and 30 m 8 s, each telling its number; then the message is dead", async () => {
    failing();
    const { messageId } = await run.qstash.client.publish({ url: hook(), body: "x" });
    await run.qstash.idle();
    for (const [index, seconds] of [12, 148, 1_808].entries()) {
      await run.pass(seconds * 1_000 - 1);
      expect(arrivals()).toHaveLength(index + 1);
      await run.pass(1);
      expect(arrivals()).toHaveLength(index + 2);
    }
    expect(arrivals().map(({ headers }) => headers["upstash-retried"])).toEqual(["0", "1", "2", "3"]);
    expect(new Set(arrivals().map(({ headers }) => headers["upstash-message-id"]))).toEqual(new Set([messageId]));
    expect(new Set(arrivals().map(({ headers }) => headers["upstash-signature"])).size).toBe(4);
    await run.pass(86_400_000);
    expect(arrivals()).toHaveLength(4);
    const { messages } = await run.qstash.client.dlq.listMessages();
    expect(messages).toMatchObject([{ messageId, responseStatus: 500, responseBody: "no" }]);
  });

  test("end with the first success", async () => {
    run.destination.answer = ({ headers }) =>
      new Response(null, { status: headers["upstash-retried"] === "1" ? 204 : 500 });
    await run.qstash.client.publish({ url: hook() });
    await run.qstash.idle();
    await run.pass(12_000);
    await run.pass(86_400_000);
    expect(arrivals()).toHaveLength(2);
    expect((await run.qstash.client.dlq.listMessages()).messages).toEqual([]);
  });

  test("follow the publisher's expression, with the SDK's own spelling", async () => {
    failing();
    const retryDelay = "min(60000, pow(2,retried)*1000)";
    await run.qstash.client.publish({ url: hook(), retries: 5, retryDelay });
    await run.qstash.idle();
    for (const seconds of [1, 2, 4, 8, 16]) await run.pass(seconds * 1_000);
    expect(arrivals()).toHaveLength(6);
  });

  test("follow the destination's Retry-After", async () => {
    failing(503, { "Retry-After": "5" });
    await run.qstash.client.publish({ url: hook() });
    await run.qstash.idle();
    await run.pass(4_999);
    expect(arrivals()).toHaveLength(1);
    await run.pass(1);
    expect(arrivals()).toHaveLength(2);
  });

  test("do not follow 489 with its header: the message is dead at once", async () => {
    failing(489, { "Upstash-NonRetryable-Error": "true" });
    await run.qstash.client.publish({ url: hook() });
    await run.qstash.idle();
    expect((await run.qstash.client.dlq.listMessages()).messages).toMatchObject([{ responseStatus: 489 }]);
    await run.pass(86_400_000);
    expect(arrivals()).toHaveLength(1);
  });

  test("a redirect is no success and is not followed", async () => {
    run.destination.answer = () => Response.redirect(hook("/elsewhere"), 302);
    await run.qstash.client.publish({ url: hook(), retries: 0 });
    await run.qstash.idle();
    expect(arrivals("/elsewhere")).toHaveLength(0);
    expect((await run.qstash.client.dlq.listMessages()).messages).toMatchObject([{ responseStatus: 302 }]);
  });

  test("nobody at the destination is a failure without a status", async () => {
    const url = hook();
    await run.destination.close();
    await run.qstash.client.publish({ url, retries: 0 });
    await run.qstash.idle();
    const { messages } = await run.qstash.client.dlq.listMessages();
    expect(messages).toMatchObject([{ url, responseBody: expect.stringContaining("ECONNREFUSED") }]);
    expect(messages[0]?.responseStatus).toBeUndefined();
  });

  test("a destination that does not answer in time has failed", async () => {
    const asked = Promise.withResolvers<void>();
    run.destination.answer = () => {
      asked.resolve();
      return new Promise(() => {});
    };
    await run.qstash.client.publish({ url: hook(), retries: 0, timeout: 30 });
    await asked.promise;
    await run.pass(30_000);
    expect((await run.qstash.client.dlq.listMessages()).messages).toMatchObject([
      { responseBody: "the destination did not answer in time" },
    ]);
  });
});

describe("a time scale", () => {
  const fast = setUpQStash({ timeScale: 0.001 });

  test("makes delays and retries shorter, and nothing else different", async () => {
    fast.destination.answer = () => new Response("", { status: 500 });
    const { messageId } = await fast.qstash.client.publish({ url: fast.destination.url, delay: "1h", retries: 1 });
    expect((await fast.qstash.client.messages.get(messageId)).notBefore).toBe(fast.clock.now() + 3_600_000);
    await fast.pass(3_599);
    expect(fast.destination.requests).toHaveLength(0);
    await fast.pass(1);
    expect(fast.destination.requests).toHaveLength(1);
    await fast.pass(12);
    expect(fast.destination.requests).toHaveLength(2);
  });
});

test("the log tells a message's story, newest first", async () => {
  failing(503);
  const { messageId } = await run.qstash.client.publish({ url: hook(), retries: 1 });
  await run.qstash.idle();
  await run.pass(12_000);
  const { logs } = await run.qstash.client.logs({ filter: { messageId } });
  expect(logs.map(({ state }) => state).reverse()).toEqual([
    "CREATED",
    "ACTIVE",
    "ERROR",
    "RETRY",
    "ACTIVE",
    "ERROR",
    "FAILED",
  ]);
  expect(logs.find(({ state }) => state === "RETRY")?.nextDeliveryTime).toBe(run.clock.now());
  const page = await run.qstash.client.logs({ count: 2 } as { filter?: never });
  expect(page.logs).toHaveLength(2);
  const next = await run.qstash.client.logs({ cursor: page.cursor ?? "" });
  expect(next.logs).toHaveLength(5);
});

describe("faults", () => {
  test("QStash is down for a while: nothing is kept", async () => {
    run.qstash.faults.failPublishes(2);
    const publish = () => run.qstash.client.publish({ url: hook(), deduplicationId: "same" });
    expect(await errorOf(publish())).toMatchObject({ status: 503 });
    expect(await errorOf(publish())).toMatchObject({ status: 503 });
    expect(await publish()).not.toHaveProperty("deduplicated");
    await run.qstash.idle();
    expect(arrivals()).toHaveLength(1);
  });

  test("a delivery is lost for good", async () => {
    run.qstash.faults.dropDeliveries(1);
    await run.qstash.client.publish({ url: hook(), body: "lost" });
    await run.qstash.idle();
    await run.qstash.client.publish({ url: hook(), body: "found" });
    await run.qstash.idle();
    await run.pass(86_400_000);
    expect(arrivals().map(({ body }) => body)).toEqual(["found"]);
  });

  test("a delivery is made twice, with the same message id", async () => {
    run.qstash.faults.duplicateDeliveries(1);
    const { messageId } = await run.qstash.client.publish({ url: hook() });
    await run.qstash.client.publish({ url: hook("/other") });
    await run.qstash.idle();
    expect(arrivals().length + arrivals("/other").length).toBe(3);
    const ids = run.destination.requests.map(({ headers }) => headers["upstash-message-id"]);
    expect(new Set(ids).size).toBe(2);
    expect(ids).toContain(messageId);
  });
});

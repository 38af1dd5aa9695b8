import { describe, expect, test } from "vitest";
import { setUpQStash } from "./testing/harness.ts";

const run = setUpQStash();
const hook = (path = "/hook") => `${run.destination.url}${path}`;
const arrivals = (path = "/hook") => run.destination.requests.filter((request) => request.path === path);
const _failing = (status = 500, headers: Record<string, string> = {}) => {
  run.destination.answer = () => new Response("no", { status, headers });
};

describe("callbacks", () => {
  const bodies = (path: string) => arrivals(path).map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  const base64 = (text: string) => Buffer.from(text).toString("base64");

  test("a callback carries what the destination said", async () => {
    run.destination.answer = () => new Response("done", { headers: { "X-Answer": "1" } });
    const { messageId } = await run.qstash.client.publish({
      url: hook(),
      body: "question",
      callback: hook("/callback"),
      headers: { "X-Job": "1", "Upstash-Callback-Forward-X-For": "callback" },
    });
    await run.qstash.idle();
    expect(bodies("/callback")).toMatchObject([
      {
        status: 200,
        header: { "X-Answer": ["1"] },
        body: base64("done"),
        retried: 0,
        maxRetries: 3,
        sourceMessageId: messageId,
        url: hook(),
        method: "POST",
        sourceHeader: { "X-Job": ["1"] },
        sourceBody: base64("question"),
        createdAt: run.clock.now(),
      },
    ]);
    expect(bodies("/callback")[0]).not.toHaveProperty("dlqId");
    const headers = arrivals("/callback")[0]?.headers;
    expect(headers).toMatchObject({ "content-type": "application/json", "x-for": "callback" });
    expect(headers?.["upstash-message-id"]).not.toBe(messageId);
    expect(headers).toHaveProperty("upstash-signature");
  });

  test("a callback follows every attempt, a failure callback the last", async () => {
    run.destination.answer = ({ path }) => new Response("no", { status: path === "/hook" ? 500 : 200 });
    await run.qstash.client.publish({
      url: hook(),
      retries: 1,
      callback: hook("/callback"),
      failureCallback: hook("/failure"),
    });
    await run.qstash.idle();
    expect(bodies("/callback")).toMatchObject([{ status: 500, retried: 0 }]);
    expect(bodies("/failure")).toEqual([]);
    await run.pass(12_000);
    expect(bodies("/callback")).toMatchObject([{ retried: 0 }, { retried: 1 }]);
    const { messages } = await run.qstash.client.dlq.listMessages();
    expect(bodies("/failure")).toMatchObject([{ status: 500, retried: 1, maxRetries: 1, dlqId: messages[0]?.dlqId }]);
  });

  test("a callback that fails is retried like any message", async () => {
    run.destination.answer = ({ path }) => new Response("", { status: path === "/callback" ? 500 : 200 });
    await run.qstash.client.publish({ url: hook(), retries: 1, callback: hook("/callback") });
    await run.qstash.idle();
    await run.pass(12_000);
    expect(arrivals("/callback")).toHaveLength(2);
    expect((await run.qstash.client.dlq.listMessages()).messages).toMatchObject([{ url: hook("/callback") }]);
  });
});

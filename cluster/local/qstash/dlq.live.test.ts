import { expect, test } from "vitest";
import { errorOf, setUpQStash } from "./testing/harness.ts";

const run = setUpQStash();
const hook = (path = "/hook") => `${run.destination.url}${path}`;

async function killed(count: number, more = {}): Promise<string[]> {
  run.destination.answer = () => new Response("broken", { status: 500 });
  for (let n = 0; n < count; n++) await run.qstash.client.publish({ url: hook(), body: `${n}`, retries: 0, ...more });
  await run.qstash.idle();
  run.destination.answer = () => new Response("ok");
  run.destination.requests.length = 0;
  return (await list()).map(({ dlqId }) => dlqId);
}

const list = async () => (await run.qstash.client.dlq.listMessages()).messages;

const call = (method: string, path: string, headers = {}) =>
  fetch(`${run.qstash.url}/v2/dlq${path}`, {
    method,
    headers: { Authorization: `Bearer ${run.qstash.token}`, ...headers },
  });

test("a dead message is kept with its request and the answer", async () => {
  const [dlqId] = await killed(1, { headers: { "X-Job": "1" }, label: "red" });
  const response = await call("GET", `/${dlqId}`);
  expect(await response.json()).toMatchObject({
    dlqId: expect.stringMatching(/^\d+-\d+$/),
    url: hook(),
    body: "0",
    header: { "X-Job": ["1"] },
    responseStatus: 500,
    responseBody: "broken",
    labels: ["red"],
  });
  expect((await call("GET", "/1-1")).status).toBe(404);
});

test("retried, it is a new message with the same body, headers and settings, and leaves the queue", async () => {
  const [dlqId = ""] = await killed(1, { headers: { "X-Job": "1" } });
  const [dead] = await list();
  const { responses } = await run.qstash.client.dlq.retry(dlqId);
  expect(responses).toEqual([{ messageId: expect.stringMatching(/^msg_/) }]);
  expect(responses[0]?.messageId).not.toBe(dead?.messageId);
  await run.qstash.idle();
  expect(run.destination.requests).toMatchObject([{ body: "0", headers: { "x-job": "1", "upstash-retried": "0" } }]);
  expect(await list()).toEqual([]);
});

test("a retry may change the settings", async () => {
  const [dlqId] = await killed(1);
  const response = await call("POST", `/retry/${dlqId}`, { "Upstash-Delay": "60s", "Upstash-Retries": "2" });
  expect(response.status).toBe(201);
  const { messageId } = (await response.json()) as { messageId: string };
  expect(await run.qstash.client.messages.get(messageId)).toMatchObject({ maxRetries: 2 });
  await run.pass(59_999);
  expect(run.destination.requests).toHaveLength(0);
  await run.pass(1);
  expect(run.destination.requests).toHaveLength(1);
});

test("a message that dies again comes back under a new id", async () => {
  const [dlqId = ""] = await killed(1);
  run.destination.answer = () => new Response("", { status: 500 });
  await run.qstash.client.dlq.retry(dlqId);
  await run.qstash.idle();
  expect(await list()).toMatchObject([{ dlqId: expect.not.stringMatching(dlqId) }]);
});

test("one, many and all are deleted", async () => {
  const { dlq } = run.qstash.client;
  const [a = "", b = "", c = ""] = await killed(5);
  expect(await dlq.delete(a)).toEqual({ deleted: 1 });
  expect(await errorOf(dlq.delete(a))).toMatchObject({ status: 404 });
  expect(await dlq.delete([b, c])).toMatchObject({ deleted: 2 });
  expect(await dlq.delete({ all: true })).toMatchObject({ deleted: 2 });
  expect(await list()).toEqual([]);
});

test("filters and ids choose", async () => {
  const { dlq } = run.qstash.client;
  const [first = ""] = await killed(2, { label: "red" });
  await killed(1, { url: hook("/other"), label: "blue" });
  const found = async (options: Parameters<typeof dlq.listMessages>[0]) =>
    (await dlq.listMessages(options)).messages.length;
  expect(await found({ filter: { label: "red" } })).toBe(2);
  expect(await found({ filter: { url: hook("/other") } })).toBe(1);
  expect(await found({ filter: { responseStatus: 404 } })).toBe(0);
  expect(await found({ dlqIds: [first] })).toBe(1);
  expect(await dlq.retry({ filter: { label: "red" } })).toMatchObject({ responses: [{}, {}] });
  expect(await list()).toMatchObject([{ labels: ["blue"] }]);
});

test("the cursor leads through all, also while they are taken away", async () => {
  const { dlq } = run.qstash.client;
  await killed(7);
  const pages: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await dlq.listMessages({ count: 3, ...(cursor && { cursor }) });
    pages.push(page.messages.length);
    cursor = page.cursor;
  } while (cursor);
  expect(pages).toEqual([3, 3, 1]);
  let responses = 0;
  do {
    const page = await dlq.retry({ all: true, count: 3, ...(cursor && { cursor }) });
    responses += page.responses.length;
    cursor = page.cursor;
  } while (cursor);
  expect(responses).toBe(7);
  await run.qstash.idle();
  expect(run.destination.requests).toHaveLength(7);
});

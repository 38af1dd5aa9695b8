import { describe, expect, test } from "vitest";
import { errorOf, setUpQStash } from "./testing/harness.ts";

const run = setUpQStash();
const hook = (path = "/hook") => `${run.destination.url}${path}`;
const queue = () => run.qstash.client.queue({ queueName: "jobs" });
const enqueue = (body: string, more = {}) => queue().enqueue({ url: hook(), body, ...more });
const arrived = () => run.destination.requests.map(({ body, path }) => (path === "/hook" ? body : path));

test("messages arrive one by one, in the order they were enqueued", async () => {
  let running = 0;
  let most = 0;
  run.destination.answer = async () => {
    most = Math.max(most, ++running);
    await new Promise(setImmediate);
    running -= 1;
    return new Response("ok");
  };
  const bodies = Array.from({ length: 20 }, (_, index) => `${index}`);
  for (const body of bodies) await enqueue(body);
  await run.qstash.idle();
  expect(arrived()).toEqual(bodies);
  expect(most).toBe(1);
});

test("the head blocks the queue through all its retries, but nobody else", async () => {
  run.destination.answer = ({ body }) => new Response("", { status: body === "bad" ? 500 : 200 });
  await enqueue("bad", { retries: 1 });
  await enqueue("good");
  await run.qstash.client.publish({ url: hook(), body: "free" });
  await run.qstash.idle();
  expect(arrived().sort()).toEqual(["bad", "free"]);
  expect(await queue().get()).toMatchObject({ name: "jobs", parallelism: 1, paused: false, lag: 2 });
  await run.pass(11_999);
  expect(arrived()).not.toContain("good");
  await run.pass(1);
  expect(arrived().slice(2)).toEqual(["bad", "good"]);
  expect((await queue().get()).lag).toBe(0);
});

test("the next message waits for the callbacks of the one before", async () => {
  run.destination.answer = ({ path }) => new Response("", { status: path === "/callback" ? 500 : 200 });
  await enqueue("first", { callback: hook("/callback"), retries: 1 });
  await enqueue("second");
  await run.qstash.idle();
  expect(arrived()).toEqual(["first", "/callback"]);
  await run.pass(12_000);
  expect(arrived()).toEqual(["first", "/callback", "/callback", "second"]);
});

test("cancelling the head lets the next one through", async () => {
  run.destination.answer = ({ body }) => new Response("", { status: body === "bad" ? 500 : 200 });
  const { messageId } = await enqueue("bad");
  await enqueue("good");
  await run.qstash.idle();
  await run.qstash.client.messages.cancel(messageId);
  await run.qstash.idle();
  expect(arrived()).toEqual(["bad", "good"]);
});

test("a paused queue takes messages and delivers them, in order, when it is resumed", async () => {
  await queue().pause();
  await enqueue("a");
  await enqueue("b");
  await run.qstash.idle();
  expect(arrived()).toEqual([]);
  expect(await queue().get()).toMatchObject({ paused: true, lag: 2 });
  await queue().resume();
  await run.qstash.idle();
  expect(arrived()).toEqual(["a", "b"]);
});

test("parallelism lets so many run at once, and no more", async () => {
  await queue().upsert({ parallelism: 3 });
  const release = Promise.withResolvers<void>();
  const three = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  run.destination.answer = async () => {
    most = Math.max(most, ++running);
    if (running === 3) three.resolve();
    await release.promise;
    running -= 1;
    return new Response("ok");
  };
  for (const body of ["a", "b", "c", "d", "e"]) await enqueue(body);
  await three.promise;
  expect(arrived().sort()).toEqual(["a", "b", "c"]);
  release.resolve();
  await run.qstash.idle();
  expect(arrived()).toHaveLength(5);
  expect(most).toBe(3);
});

describe("the API", () => {
  test("makes, lists and deletes queues", async () => {
    const { client } = run.qstash;
    await client.queue({ queueName: "a" }).upsert({ parallelism: 2 });
    await enqueue("x");
    expect((await client.queue().list()).map(({ name, parallelism }) => [name, parallelism])).toEqual([
      ["a", 2],
      ["jobs", 1],
    ]);
    await client.queue({ queueName: "a" }).delete();
    expect(await errorOf(client.queue({ queueName: "a" }).get())).toMatchObject({ status: 404 });
  });

  test("refuses names and numbers that QStash refuses", async () => {
    const { client } = run.qstash;
    expect(await errorOf(client.queue({ queueName: "a b" }).upsert({ parallelism: 1 }))).toMatchObject({ status: 400 });
    expect(await errorOf(queue().upsert({ parallelism: 0 }))).toMatchObject({ status: 400 });
  });
});

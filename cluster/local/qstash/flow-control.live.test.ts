import { expect, test } from "vitest";
import { errorOf, setUpQStash } from "./testing/harness.ts";

const run = setUpQStash();
const arrived = () => run.destination.requests.map(({ body }) => body);

async function publish(bodies: string[], limits: { rate: number; period?: number } | { parallelism: number }) {
  for (const body of bodies) {
    await run.qstash.client.publish({ url: run.destination.url, body, flowControl: { key: "k", ...limits } as never });
  }
  await run.qstash.idle();
}

test("no more than the rate start in a period; the rest wait for the next, in order", async () => {
  await publish(["a", "b", "c", "d", "e"], { rate: 2, period: 60 });
  expect(arrived().sort()).toEqual(["a", "b"]);
  expect(await run.qstash.client.flowControl.get("k")).toMatchObject({
    flowControlKey: "k",
    waitListSize: 3,
    rateMax: 2,
    rateCount: 2,
    ratePeriod: 60,
    parallelismMax: 0,
    parallelismCount: 0,
    isPaused: false,
  });
  await run.pass(59_999);
  expect(arrived()).toHaveLength(2);
  await run.pass(1);
  expect(arrived().slice(2).sort()).toEqual(["c", "d"]);
  await run.pass(60_000);
  expect(arrived()).toHaveLength(5);
});

test("no more than the parallelism run at once", async () => {
  const two = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  run.destination.answer = async () => {
    most = Math.max(most, ++running);
    if (running === 2) two.resolve();
    await two.promise;
    await new Promise(setImmediate);
    running -= 1;
    return new Response("ok");
  };
  await publish(["a", "b", "c", "d", "e", "f"], { parallelism: 2 });
  expect(arrived()).toHaveLength(6);
  expect(most).toBe(2);
});

test("a key can be paused, resumed, pinned and reset", async () => {
  const { flowControl } = run.qstash.client;
  await flowControl.pause("k");
  await publish(["a", "b", "c"], { rate: 1, period: 60 });
  expect(arrived()).toEqual([]);
  await flowControl.resume("k");
  await run.qstash.idle();
  expect(arrived()).toEqual(["a"]);
  await flowControl.resetRate("k");
  await run.qstash.idle();
  expect(arrived()).toEqual(["a", "b"]);
  await flowControl.pin("k", { rate: 10, period: 1 });
  await run.qstash.idle();
  expect(arrived()).toEqual(["a", "b", "c"]);
  expect(await flowControl.get("k")).toMatchObject({ isPinnedRate: true, rateMax: 10 });
  await flowControl.unpin("k", { rate: true });
  expect(await flowControl.get("k")).toMatchObject({ isPinnedRate: false });
});

test("an unknown key is not found, and the global parallelism is told", async () => {
  const { flowControl } = run.qstash.client;
  expect(await errorOf(flowControl.get("unknown"))).toMatchObject({ status: 404 });
  expect(await flowControl.getGlobalParallelism()).toEqual({ parallelismMax: 100, parallelismCount: 0 });
});

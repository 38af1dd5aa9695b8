import { expect, test } from "vitest";
import { errorOf, setUpQStash } from "./testing/harness.ts";

const MINUTE = 60_000;
const run = setUpQStash();
const hook = (path = "/hook") => `${run.destination.url}${path}`;
const arrivals = () => run.destination.requests;

test("a schedule publishes its message whenever it is time", async () => {
  const { client } = run.qstash;
  const { scheduleId } = await client.schedules.create({
    destination: hook("/hook?x=1"),
    cron: "*/5 * * * *",
    body: '{"tick":true}',
    headers: { "X-Job": "1" },
    scheduleId: "ticks",
  });
  expect(scheduleId).toBe("ticks");
  await run.pass(5 * MINUTE - 1);
  expect(arrivals()).toHaveLength(0);
  await run.pass(1);
  await run.pass(5 * MINUTE);
  expect(arrivals()).toHaveLength(2);
  expect(arrivals()[0]).toMatchObject({
    path: "/hook?x=1",
    body: '{"tick":true}',
    headers: { "upstash-schedule-id": "ticks", "x-job": "1", "content-type": "application/json" },
  });
  expect(await client.schedules.get("ticks")).toMatchObject({
    cron: "*/5 * * * *",
    destination: hook("/hook?x=1"),
    isPaused: false,
    lastScheduleTime: run.clock.now(),
    nextScheduleTime: run.clock.now() + 5 * MINUTE,
  });
});

test("paused, its times pass; resumed, it goes on with the next", async () => {
  const { schedules } = run.qstash.client;
  const { scheduleId } = await schedules.create({ destination: hook(), cron: "* * * * *" });
  await schedules.pause({ schedule: scheduleId });
  for (let n = 0; n < 3; n++) await run.pass(MINUTE);
  expect(arrivals()).toHaveLength(0);
  await schedules.resume({ schedule: scheduleId });
  await run.qstash.idle();
  expect(arrivals()).toHaveLength(0);
  await run.pass(MINUTE);
  expect(arrivals()).toHaveLength(1);
});

test("the same id changes the schedule, deletion ends it", async () => {
  const { schedules } = run.qstash.client;
  await schedules.create({ destination: hook("/a"), cron: "* * * * *", scheduleId: "one" });
  await schedules.create({ destination: hook("/b"), cron: "* * * * *", scheduleId: "one" });
  expect(await schedules.list()).toMatchObject([{ scheduleId: "one", destination: hook("/b") }]);
  await run.pass(MINUTE);
  expect(arrivals().map(({ path }) => path)).toEqual(["/b"]);
  await schedules.delete("one");
  await run.pass(MINUTE);
  expect(arrivals()).toHaveLength(1);
  expect(await errorOf(schedules.get("one"))).toMatchObject({ status: 404 });
});

test("a schedule may go to a URL group through a queue", async () => {
  const { client } = run.qstash;
  await client.urlGroups.addEndpoints({ name: "all", endpoints: [{ url: hook("/a") }, { url: hook("/b") }] });
  await client.schedules.create({ destination: "all", cron: "* * * * *", queueName: "ticks" });
  await run.pass(MINUTE);
  expect(arrivals().map(({ path }) => path)).toEqual(["/a", "/b"]);
  expect(await client.queue({ queueName: "ticks" }).get()).toMatchObject({ lag: 0 });
});

test.each([
  ["* * * *", "cron"],
  ["0 0 30 2 *", "cron"],
])("cron %s is refused", async (cron, why) => {
  const error = await errorOf(run.qstash.client.schedules.create({ destination: hook(), cron }));
  expect(error).toMatchObject({ status: 400, message: expect.stringContaining(why) });
});

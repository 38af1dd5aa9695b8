import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { manualClock } from "./clock.ts";
import { openStore } from "./store.ts";
import { type Destination, startDestination } from "./testing/destination.ts";
import { startQStash } from "./testing/running.ts";

let folder: string;
let storage: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "qstash-"));
  storage = join(folder, "data", "qstash.json");
});

afterEach(() => rmSync(folder, { recursive: true }));

const reopened = () => openStore(storage).table<{ n: number }>("t");

describe("the journal", () => {
  test("holds what was set, in its first order, and not what was deleted", () => {
    const table = reopened();
    for (const n of [1, 2, 3]) table.set(`${n}`, { n });
    table.set("1", { n: 10 });
    table.delete("2");
    expect([...reopened().entries()]).toEqual([
      ["1", { n: 10 }],
      ["3", { n: 3 }],
    ]);
    openStore(storage).table("other").set("1", { n: 0 });
    expect(reopened().size).toBe(2);
  });

  test("is readable by its owner only, and loses what is no longer true", () => {
    const table = reopened();
    for (let n = 0; n < 12_000; n++) table.set("1", { n });
    expect(readFileSync(storage, "utf8").split("\n").length).toBeLessThan(6_000);
    expect(reopened().get("1")).toEqual({ n: 11_999 });
    expect(statSync(storage).mode & 0o777).toBe(0o600);
  });

  test("survives a line that a crash cut off, and goes on after it", () => {
    reopened().set("1", { n: 1 });
    appendFileSync(storage, '{"table":"t","key":"2","val');
    const table = reopened();
    expect(table.size).toBe(1);
    table.set("3", { n: 3 });
    expect(reopened().size).toBe(2);
  });

  test("says what to do about any other damage", () => {
    reopened().set("1", { n: 1 });
    writeFileSync(storage, `nonsense\n${readFileSync(storage, "utf8")}`);
    expect(() => reopened()).toThrow(/line 1: delete the file/);
  });
});

describe("a restart", () => {
  let destination: Destination;
  beforeEach(async () => {
    destination = await startDestination();
  });
  afterEach(() => destination.close());

  test("loses no message, no dead letter, no schedule, no pause and no rotated key", async () => {
    const clock = manualClock();
    const first = await startQStash({ storage, clock });
    const url = `${destination.url}/hook`;
    await first.client.publish({ url, body: "later", delay: 60, deduplicationId: "once" });
    await first.client.queue({ queueName: "q" }).pause();
    await first.client.queue({ queueName: "q" }).enqueue({ url, body: "queued" });
    await first.client.schedules.create({ destination: url, cron: "0 0 1 1 *", scheduleId: "yearly" });
    destination.answer = () => new Response("", { status: 500 });
    await first.client.publish({ url, body: "dead", retries: 0 });
    await first.idle();
    const authorized = { Authorization: `Bearer ${first.token}` };
    const rotated = await (await fetch(`${first.url}/v2/keys/rotate`, { method: "POST", headers: authorized })).json();
    await first.close();

    destination.answer = () => new Response("ok");
    destination.requests.length = 0;
    clock.advance(60_000);
    const second = await startQStash({ storage, clock });
    await second.idle();
    expect(destination.requests.map(({ body }) => body)).toEqual(["later"]);
    expect(await second.client.publish({ url, deduplicationId: "once" })).toHaveProperty("deduplicated", true);
    expect((await second.client.dlq.listMessages()).messages).toMatchObject([{ body: "dead" }]);
    expect(await second.client.schedules.list()).toMatchObject([{ scheduleId: "yearly" }]);
    const keys = await fetch(`${second.url}/v2/keys`, { headers: { Authorization: `Bearer ${second.token}` } });
    expect(await keys.json()).toEqual(rotated);
    await second.client.queue({ queueName: "q" }).resume();
    await second.idle();
    expect(destination.requests.map(({ body }) => body)).toEqual(["later", "queued"]);
    await second.close();
  });

  test("in the middle of a delivery delivers it again", async () => {
    const asked = Promise.withResolvers<void>();
    destination.answer = () => {
      asked.resolve();
      return new Promise(() => {});
    };
    const first = await startQStash({ storage });
    const { messageId } = await first.client.publish({ url: destination.url });
    await asked.promise;
    await first.close();
    destination.answer = () => new Response("ok");
    const second = await startQStash({ storage });
    await second.idle();
    expect(destination.requests.map(({ headers }) => headers["upstash-message-id"])).toEqual([messageId, messageId]);
    await second.close();
  });
});

import { expect, test } from "vitest";
import { setUpQStash } from "../testing/harness.ts";

const run = setUpQStash();

const page = async () => (await fetch(run.qstash.url)).text();

async function killOne(): Promise<string> {
  run.destination.answer = () => new Response("", { status: 500 });
  const headers = { Authorization: "Bearer private" };
  const url = `${run.destination.url}/<b>hook</b>?secret=1`;
  await run.qstash.client.publish({ url, body: "private body", retries: 0, headers });
  await run.qstash.idle();
  run.destination.answer = () => new Response("ok");
  const { messages } = await run.qstash.client.dlq.listMessages();
  return messages[0]?.dlqId ?? "";
}

test("shows what waits, what died and what is scheduled, escaped, without bodies, headers and queries", async () => {
  await killOne();
  const { messageId } = await run.qstash.client.publish({ url: `${run.destination.url}/later`, delay: 60 });
  await run.qstash.client.schedules.create({
    destination: run.destination.url,
    cron: "0 4 * * *",
    scheduleId: "nightly",
  });
  const text = await page();
  expect(text).toContain(messageId);
  expect(text).toContain("nightly");
  expect(text).toContain("500");
  expect(text).not.toMatch(/private|secret=1|<b>/);
  expect(text).not.toContain(run.qstash.token);
  expect(text).not.toContain(run.qstash.keys.current);
});

test("its button retries a dead message and leads back to the page", async () => {
  const dlqId = await killOne();
  const action = /action="([^"]+)"/.exec(await page())?.[1] ?? "";
  expect(action).toBe(`/qstash/retry/${dlqId}`);
  const response = await fetch(new URL(action, run.qstash.url), { method: "POST" });
  expect(response.url).toBe(run.qstash.url);
  await run.qstash.idle();
  expect((await run.qstash.client.dlq.listMessages()).messages).toEqual([]);
  expect(run.destination.requests).toHaveLength(2);
});

test("another site can't press it", async () => {
  const dlqId = await killOne();
  const headers = { "Sec-Fetch-Site": "cross-site" };
  const response = await fetch(`${run.qstash.url}/retry/${dlqId}`, { method: "POST", headers });
  expect(response.status).toBe(403);
  expect((await run.qstash.client.dlq.listMessages()).messages).toHaveLength(1);
});

import { describe, expect, test } from "vitest";
import { setUpQStash } from "./testing/harness.ts";

const run = setUpQStash();
const hook = (path = "/hook") => `${run.destination.url}${path}`;

describe("deduplication", () => {
  const raw = (headers: Record<string, string>, body = "x") =>
    fetch(`${run.qstash.url}/v2/publish/${hook()}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${run.qstash.token}`, ...headers },
      body,
    });

  test("by id: 202 with the old message's id, whatever the content", async () => {
    const first = await raw({ "Upstash-Deduplication-Id": "job:1" });
    const second = await raw({ "Upstash-Deduplication-Id": "job:1" }, "other");
    const { messageId } = (await first.json()) as { messageId: string };
    expect([first.status, second.status]).toEqual([200, 202]);
    expect(await second.json()).toEqual({ messageId, deduplicated: true });
    await run.qstash.idle();
    expect(run.destination.requests).toHaveLength(1);
  });

  test("by content", async () => {
    const { client } = run.qstash;
    const publish = (body: string) => client.publish({ url: hook(), body, contentBasedDeduplication: true });
    const [first, second] = [await publish("a"), await publish("a")];
    expect(second).toEqual({ messageId: first.messageId, deduplicated: true });
    expect(await publish("b")).not.toHaveProperty("deduplicated");
  });

  test("ends after ten minutes", async () => {
    const { client } = run.qstash;
    const publish = () => client.publish({ url: hook(), deduplicationId: "job:1" });
    await publish();
    await run.pass(599_999);
    expect(await publish()).toHaveProperty("deduplicated", true);
    await run.pass(1);
    expect(await publish()).not.toHaveProperty("deduplicated");
    await run.qstash.idle();
    expect(run.destination.requests).toHaveLength(2);
  });
});

import { describe, expect, test } from "vitest";
import { matches, pageOf } from "./filters.ts";
import { message, settings } from "./testing/sample.ts";

const facts = {
  message: message("m1", {
    url: "https://a.example/hook,1?x=1",
    queueName: "q",
    settings: settings({ labels: ["red", "round"] }),
  }),
  time: 500,
  responseStatus: 503,
};
const match = (query: string) => matches(new URLSearchParams(query), facts);

test.each([
  "",
  "messageId=m1",
  `url=${encodeURIComponent("https://a.example/hook,1?x=1")}`,
  "host=a.example&path=/hook,1",
  "label=blue&label=round",
  "label=blue,red",
  "responseStatus=500,503",
  "fromDate=500&toDate=500",
  "queueName=q&label=red",
  "count=5&cursor=x",
])("%j matches", (query) => expect(match(query)).toBe(true));

test.each([
  "messageId=m2",
  "url=https://a.example/hook",
  "label=blue",
  "queueName=q&label=blue",
  "topicName=t",
  "responseStatus=200",
  "fromDate=501",
  "toDate=499",
])("%j does not match", (query) => expect(match(query)).toBe(false));

describe("pages", () => {
  const all = Array.from({ length: 250 }, (_, index) => index);
  const page = (query: string) =>
    pageOf(all, new URLSearchParams(query), String, (item, cursor) => item > Number(cursor));

  test("hold at most a hundred, and the cursor leads through all of them", () => {
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const next = page(cursor === undefined ? "" : `cursor=${cursor}`);
      expect(next.items.length).toBeLessThanOrEqual(100);
      seen.push(...next.items);
      cursor = next.cursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(all);
  });

  test("hold what count asks for", () => {
    expect(page("count=3")).toEqual({ items: [0, 1, 2], cursor: "2" });
    expect(page("count=1000").items).toHaveLength(100);
    expect(page("cursor=249")).toEqual({ items: [] });
  });
});

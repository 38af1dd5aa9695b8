import { expect, test } from "vitest";
import { manualClock } from "./clock.ts";
import { contentKey, createDeduplicator, type Seen } from "./dedup.ts";
import { openStore } from "./store.ts";
import { settings } from "./testing/sample.ts";

test("a key is known for ten minutes, counted from the publish that was kept", () => {
  const clock = manualClock();
  const table = openStore().table<Seen>("seen");
  const dedup = createDeduplicator(table, clock);
  dedup.remember("a", "msg_1");
  clock.advance(5 * 60_000);
  dedup.remember("b", "msg_2");
  clock.advance(5 * 60_000 - 1);
  expect(dedup.find("a")).toBe("msg_1");
  clock.advance(1);
  expect(dedup.find("a")).toBeUndefined();
  expect(dedup.find("b")).toBe("msg_2");
  expect(table.size).toBe(1);
});

test("content is destination, body, Content-Type and forwarded headers, in whatever order", () => {
  const header = { "Content-Type": ["text/plain"], "X-A": ["1"] };
  const key = contentKey("https://a.example", "Ym9keQ==", settings({ header }));
  const turned = { "X-A": ["1"], "Content-Type": ["text/plain"] };
  expect(contentKey("https://a.example", "Ym9keQ==", settings({ header: turned, retries: 1 }))).toBe(key);
  const others = [
    contentKey("https://b.example", "Ym9keQ==", settings({ header })),
    contentKey("https://a.example", "Ym9keR==", settings({ header })),
    contentKey("https://a.example", "Ym9keQ==", settings({ header: { ...header, "X-A": ["2"] } })),
    contentKey("https://a.example", "Ym9keQ==", settings({ header: { ...header, "Content-Type": ["a/b"] } })),
  ];
  expect(new Set([key, ...others]).size).toBe(5);
});

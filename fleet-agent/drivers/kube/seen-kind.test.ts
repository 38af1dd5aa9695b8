import { expect, it } from "vitest";
import { SeenKind } from "./seen-kind.ts";
import type { SeenObject } from "./seen-object.ts";

const seen = (boxId: string | undefined, name = "gateway", content = "c"): SeenObject => ({
  boxId,
  name,
  isOwn: name === "gateway",
  content,
  wanted: undefined,
  generation: 1,
  ending: false,
  secretVersion: undefined,
});

it("tells a box's own object from what else is in its namespace", () => {
  const kind = new SeenKind();
  expect(kind.put({ item: seen("a"), gone: false })).toEqual(["a"]);
  expect(kind.put({ item: seen("a", "open"), gone: false })).toEqual(["a"]);
  expect(kind.put({ item: seen(undefined, "open"), gone: false })).toEqual([]);
  expect(kind.foreign).toEqual(new Map([["a", new Set(["open"])]]));
  kind.put({ item: seen("a", "open"), gone: true });
  expect(kind.foreign.size).toBe(0);
  expect([...kind.own.keys()]).toEqual(["a"]);
  kind.put({ item: seen("a"), gone: true });
  expect(kind.own.size).toBe(0);
});

it("concerns, after a list, boxes of which something is otherwise, and those that have or had something foreign", () => {
  const kind = new SeenKind();
  kind.replace([seen("same"), seen("changed"), seen("lost"), seen("cleared", "open")]);
  const touched = kind.replace([
    seen("same"),
    seen("changed", "gateway", "other"),
    seen("new"),
    seen("opened", "open"),
  ]);
  expect(touched.toSorted()).toEqual(["changed", "cleared", "lost", "new", "opened"]);
});

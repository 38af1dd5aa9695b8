import { expect, it } from "vitest";
import type { BoxHealth } from "../../drivers/driver.ts";
import { createTold } from "./told-health.ts";

const box = (box_id: string, more: Partial<BoxHealth> = {}): BoxHealth => ({
  box_id,
  health: "healthy",
  code: null,
  reason: null,
  restarts: 0,
  ...more,
});

it("tells everything once, then only what is otherwise", () => {
  const told = createTold();
  const all = [box("a"), box("b")];
  expect(told.news(all)).toEqual(all);
  expect(told.news(all), "until it was taken").toEqual(all);
  told.took(all);
  expect(told.news(all)).toEqual([]);
  const worse = box("b", { health: "unhealthy", code: "not_ready", reason: "why" });
  expect(told.news([box("a"), worse])).toEqual([worse]);
  expect(told.news([box("a", { restarts: 1 }), box("b")])).toEqual([box("a", { restarts: 1 })]);
});

it("tells once that a box has no pod any more", () => {
  const told = createTold();
  told.took([box("a"), box("b")]);
  const news = told.news([box("b")]);
  expect(news).toEqual([{ box_id: "a", health: "unknown", code: null, reason: "the box has no pod", restarts: 0 }]);
  told.took(news);
  expect(told.news([box("b")])).toEqual([]);
  expect(told.news([box("a"), box("b")]), "and that it has one again").toEqual([box("a")]);
});

import { expect, it } from "vitest";
import { isNews, type Written } from "./provider-health.ts";

const after = (failure: Written["failure"], seconds: number, next: Written["failure"]) =>
  isNews({ failure, at: 0 }, next, seconds * 1_000);

it("writes the first thing that it sees, and each other failure", () => {
  expect(isNews(undefined, undefined, 0)).toBe(true);
  expect(isNews(undefined, "model_busy", 0)).toBe(true);
  expect(after(undefined, 0, "model_unavailable")).toBe(true);
  expect(after("model_unavailable", 0, "model_key_refused")).toBe(true);
});

it("writes the same failure every quarter of a minute, not for each request", () => {
  expect(after("model_key_refused", 14, "model_key_refused")).toBe(false);
  expect(after("model_key_refused", 15, "model_key_refused")).toBe(true);
});

it("writes an answer at once after what stays, and after a calm minute behind what passes", () => {
  expect(after("model_key_refused", 0, undefined)).toBe(true);
  expect(after("model_unavailable", 59, undefined)).toBe(false);
  expect(after("model_unavailable", 60, undefined)).toBe(true);
});

it("looks every five minutes whether an outage was left open by an isolate that is gone", () => {
  expect(after(undefined, 299, undefined)).toBe(false);
  expect(after(undefined, 300, undefined)).toBe(true);
});

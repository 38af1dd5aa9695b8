import { expect, it } from "vitest";
import { createAnalytics } from "../../integrations/analytics.ts";
import { metricsQuery } from "./read.ts";

it("asks for a whole number of hours, whatever it was given", () => {
  expect(metricsQuery(24.9)).toContain("NOW() - INTERVAL '24' HOUR");
});

it("weighs every figure by how many requests a sample stands for", () => {
  const columns = metricsQuery(1)
    .split(" FROM ")[0]
    ?.split(/, (?=SUM|quantile)/)
    .slice(1);
  expect(columns).toHaveLength(7);
  for (const column of columns ?? []) expect(column).toContain("_sample_interval");
});

it("is not there without an account and a token", () => {
  const root = { CF_API_ROOT: "https://api.example" };
  expect(createAnalytics(root)).toBeUndefined();
  expect(createAnalytics({ ...root, CF_ACCOUNT_ID: "a" })).toBeUndefined();
  expect(createAnalytics({ ...root, CF_API_TOKEN: "t" })).toBeUndefined();
  expect(createAnalytics({ ...root, CF_ACCOUNT_ID: "a", CF_API_TOKEN: "t" })).toBeDefined();
});

import { expect, test } from "vitest";
import { waitAfter } from "./keep-running.ts";

test("the wait doubles up to its cap", () => {
  const backoff = { firstMs: 1_000, capMs: 30_000 };
  expect([1, 2, 3, 6, 100].map((crashes) => waitAfter(crashes, backoff))).toEqual([
    1_000, 2_000, 4_000, 30_000, 30_000,
  ]);
});

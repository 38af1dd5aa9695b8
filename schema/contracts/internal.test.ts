import { describe, expect, test } from "vitest";
import { ProvisionRequest } from "./internal.ts";

const good = {
  customer_email: "Ada@Example.com",
  telegram_bot_token: `7000000001:${"A".repeat(35)}`,
  telegram_user_id: 1001,
  tier: "starter",
};

const wrong = (change: Record<string, unknown>): PropertyKey[] => {
  const parsed = ProvisionRequest.safeParse({ ...good, ...change });
  return parsed.success ? [] : parsed.error.issues.flatMap((issue) => issue.path);
};

describe("a provision request", () => {
  test("needs four fields; the rest has defaults", () => {
    expect(ProvisionRequest.parse(good)).toEqual({
      ...good,
      customer_email: "ada@example.com",
      model: "kimi-coding/k2p5",
      thinking_level: "low",
      language: "en",
    });
  });

  test("takes the user id as text too, as people paste it", () => {
    expect(ProvisionRequest.parse({ ...good, telegram_user_id: "1001" }).telegram_user_id).toBe(1001);
    // A larger number would lose precision and become another user's id.
    expect(wrong({ telegram_user_id: "9999999999999999" })).toEqual(["telegram_user_id"]);
  });

  test.each([
    ["customer_email", "nobody"],
    ["customer_email", `${"a".repeat(250)}@example.com`],
    ["telegram_bot_token", "123:short"],
    ["telegram_bot_token", `7000000001:${"A".repeat(35)}\n`],
    ["telegram_user_id", -1],
    ["telegram_user_id", 1.5],
    ["telegram_user_id", "12 34"],
    ["tier", "gold"],
    ["model", "gpt-99"],
    ["thinking_level", "hardest"],
    ["language", "tlh"],
    ["customer_email", undefined],
    ["tier", null],
  ])("names %s when it is %j", (field, value) => {
    expect(wrong({ [field]: value })).toContain(field);
  });

  test("refuses fields that it does not know", () => {
    expect(ProvisionRequest.safeParse({ ...good, is_admin: true }).success).toBe(false);
  });
});

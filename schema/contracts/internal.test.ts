import { describe, expect, test } from "vitest";
import { ProvisionRequest, peopleIn, ResizeRequest, UpdateRequest } from "./internal.ts";

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

  test("takes several people with their names, or one id, and not both or neither", () => {
    const { telegram_user_id: _, ...nobody } = good;
    const people = [{ id: "1001", name: " Ada " }, { id: 1002 }];
    expect(peopleIn(ProvisionRequest.parse({ ...nobody, telegram_users: people }))).toEqual([
      { id: 1001, name: "Ada" },
      { id: 1002, name: null },
    ]);
    expect(peopleIn(ProvisionRequest.parse(good))).toEqual([{ id: 1001, name: null }]);
    expect(wrong({ telegram_users: people })).toEqual(["telegram_user_id"]);
    expect(wrong({ telegram_user_id: undefined })).toEqual(["telegram_user_id"]);
    expect(wrong({ telegram_user_id: undefined, tier: "gold" })).toEqual(["tier", "telegram_user_id"]);
  });

  test("refuses fields that it does not know", () => {
    expect(ProvisionRequest.safeParse({ ...good, is_admin: true }).success).toBe(false);
  });
});

describe("a change of a box", () => {
  test("may bring another bot, and other people", () => {
    const change = { telegram_bot_token: good.telegram_bot_token, telegram_users: [{ id: 7, name: "Ada" }] };
    expect(UpdateRequest.parse(change)).toEqual(change);
    expect(ResizeRequest.parse({ tier: "pro", telegram_users: [{ id: 7 }] }).telegram_users).toEqual([
      { id: 7, name: null },
    ]);
  });

  test.each([
    [[]],
    [[{ id: 7 }, { id: "7", name: "Ada" }]],
    [Array.from({ length: 11 }, (_, i) => ({ id: i + 1 }))],
    [[{ id: 0 }]],
    [[{ id: 7, name: "" }]],
    [[{ id: 7, name: "a".repeat(65) }]],
    [[{ id: 7, name: "a\u0000" }]],
    [[{ id: 7, is_admin: true }]],
    [[{ name: "Ada" }]],
    [7],
  ])("people can't be %j", (telegram_users) => {
    expect(UpdateRequest.safeParse({ telegram_users }).success).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import { sampleAnsweredBox } from "#fleet-agent/testing/sample-answers.ts";
import { draftOf, readAccess } from "../../site/src/admin/access-draft.ts";
import { EMPTY_DRAFT, placeErrors, readDraft } from "../../site/src/admin/provision-draft.ts";
import { planFigures } from "../../site/src/plans/plan-figures.ts";
import { startLink } from "../../site/src/plans/start-link.ts";
import { ageWords, sinceWords } from "../../site/src/ui/time-words.ts";

const GOOD = {
  ...EMPTY_DRAFT,
  customer_email: "ada@example.org",
  telegram_bot_token: "987654321:AAtestonlytestonlytestonlytestonly0",
  telegram_users: "42",
};

describe("readDraft", () => {
  it("drops blanks around pasted values and gives what the contract gives", () => {
    const result = readDraft({
      ...GOOD,
      telegram_bot_token: `\n${GOOD.telegram_bot_token} `,
      telegram_users: " 42 Ada \n",
    });
    expect(result).toMatchObject({
      ok: true,
      request: { telegram_users: [{ id: 42, name: "Ada" }], telegram_bot_token: GOOD.telegram_bot_token },
    });
  });

  it.each([
    ["customer_email", "ada"],
    ["telegram_bot_token", "987654321:short"],
    ["telegram_users", "0"],
    ["telegram_users", ""],
    ["telegram_users", "@ada"],
    ["telegram_users", "42, 43"],
    ["tier", "gold"],
    ["model", "gpt"],
    ["thinking_level", "max"],
    ["language", "xx"],
  ] as const)("names %s and nothing else when it is %s", (field, value) => {
    const result = readDraft({ ...GOOD, [field]: value });
    expect(result.ok ? [] : Object.keys(result.errors)).toEqual([field]);
  });
});

describe("readAccess", () => {
  const box = sampleAnsweredBox({
    tier: "team",
    telegram_users: [
      { id: 42, name: "Ada" },
      { id: 43, name: null },
    ],
  });
  const draft = draftOf(box);

  it("sends nothing of what stays", () => {
    expect(readAccess(box, draft)).toEqual({ ok: true, request: {}, removed: [] });
  });

  it("says who loses access, and takes a new bot's token without its blanks", () => {
    const changed = { telegram_users: "43 Grace, 44", telegram_bot_token: ` ${GOOD.telegram_bot_token}\n` };
    const telegram_users = [
      { id: 43, name: "Grace" },
      { id: 44, name: null },
    ];
    expect(readAccess(box, changed)).toEqual({
      ok: true,
      request: { telegram_users, telegram_bot_token: GOOD.telegram_bot_token },
      removed: [{ id: 42, name: "Ada" }],
    });
  });

  it.each([
    [{ telegram_users: "" }, "telegram_users"],
    [{ telegram_users: "Ada" }, "telegram_users"],
    [{ telegram_bot_token: "12345" }, "telegram_bot_token"],
  ])("finds what is wrong in %j", (wrong, field) => {
    const result = readAccess(box, { ...draft, ...wrong });
    expect(result.ok ? [] : Object.keys(result.errors)).toEqual([field]);
  });

  it("knows the plan's room", () => {
    const result = readAccess({ ...box, tier: "pro" }, draft);
    expect(result).toMatchObject({ ok: false, errors: { telegram_users: expect.stringContaining("one person") } });
  });
});

describe("placeErrors", () => {
  it("sorts by field, keeps the first of each, and loses none that fits nowhere", () => {
    const placed = placeErrors([
      { pointer: "/tier", detail: "must be first" },
      { pointer: "/tier", detail: "second" },
      { pointer: "", detail: "the body" },
      { pointer: "/unknown/0", detail: "unknown" },
    ]);
    expect(placed).toEqual({ fields: { tier: "This must be first." }, rest: ["the body", "unknown"] });
  });
});

describe("startLink", () => {
  it("leads to the bot that was named, with the plan", () => {
    expect(startLink("openclaw_cloud_bot", "pro")).toMatchObject({
      href: "https://t.me/openclaw_cloud_bot?start=pro",
      label: "Start in Telegram",
    });
  });
  it("leads to the plans without one", () => {
    expect(startLink(undefined)).toMatchObject({ href: "/#plans", starts: false });
  });
  it.each(["@bot_name", "a/../b", "x", 'a"onclick'])("refuses %s at build time", (bot) => {
    expect(() => startLink(bot)).toThrow("PUBLIC_TELEGRAM_BOT");
  });
});

it("planFigures says the table in words", () => {
  expect(planFigures("starter")).toMatchObject({
    price: "$19",
    tokens: "1,000,000",
    memory: "1.5 GiB",
    cpu: "1 core",
    exchanges: "60",
  });
  expect(planFigures("team")).toMatchObject({ cpu: "4 cores", people: "up to 10 people", exchanges: "1,200" });
});

it("times are said in their largest unit", () => {
  const from = "2026-01-01T00:00:00Z";
  const now = (seconds: number) => Date.parse(from) + seconds * 1000;
  expect([0, 59, 60, 3_599, 3_600, 86_400].map((s) => ageWords(from, now(s)))).toEqual([
    "0 s",
    "59 s",
    "1 min",
    "59 min",
    "1 h",
    "1 d",
  ]);
  expect(sinceWords(from, "2026-01-01T00:00:02.340Z")).toBe("+2.3 s");
});

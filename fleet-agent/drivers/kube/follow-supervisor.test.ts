import { describe, expect, test } from "vitest";
import { readReadiness } from "../readiness.ts";
import { stillMissing, toldTrouble } from "./follow-supervisor.ts";

const says = (more: object) => readReadiness({ ok: true, generation: 3, gateway: "up", ...more });

describe("a ready pod", () => {
  test("is waited for until its gateway has the newest configuration", () => {
    expect(stillMissing(undefined, 3)).toBe("asking the gateway for its state");
    expect(stillMissing(says({ generation: 2 }), 3)).toBe("the gateway is taking in its configuration");
    expect(stillMissing(says({ ok: false, reason: "the Telegram channel is changing" }), 3)).toMatch(
      /channel is changing/,
    );
    expect(stillMissing(says({}), 3)).toBeNull();
    expect(stillMissing(says({ generation: 4 }), 3)).toBeNull();
  });

  test("whose supervisor can't be asked, such as that of an older image, is believed", () => {
    expect(stillMissing(null, 3)).toBeNull();
  });
});

describe("what a supervisor says ends the wait", () => {
  test("where its gateway runs and messages don't get through, with its words", () => {
    const refused = says({ ok: false, code: "bot_token_refused", reason: "Telegram refuses the bot's token (401)" });
    expect(toldTrouble(refused)).toEqual({
      failure: {
        code: "bot_token_refused",
        message: "The gateway runs, but Telegram refuses the bot's token (401).",
        retryable: false,
      },
      graceMs: 10_000,
    });
  });

  test.each([
    ["nothing", null],
    ["not yet asked", undefined],
    ["a start that takes its time", says({ ok: false, reason: "the gateway is starting" })],
    ["one that is only not ready", says({ ok: false, code: "not_ready", reason: "no answer" })],
    ["one that has ended", says({ ok: false, code: "state_damaged", reason: "malformed", gateway: "down" })],
    ["a code that this agent doesn't know", says({ ok: false, code: "from_the_future", reason: "?" })],
    ["a box that is well", says({ code: "bot_token_refused" })],
  ])("not for %s", (_, told) => {
    expect(toldTrouble(told)).toBeUndefined();
  });

  test("later where it may pass", () => {
    expect(toldTrouble(says({ ok: false, code: "telegram_unreachable" }))).toMatchObject({
      failure: { code: "telegram_unreachable", retryable: true },
      graceMs: 60_000,
    });
  });

  test("where it refuses the configuration, once the newest has had time to arrive", () => {
    expect(toldTrouble(says({ config_problem: "box.json is not JSON" }))).toMatchObject({
      failure: { code: "config_refused", message: "The gateway rejects its configuration: box.json is not JSON." },
      graceMs: 10_000,
    });
  });
});

test("anything but a supervisor's answer says nothing", () => {
  for (const body of [null, "ok", [], { kind: "Status", code: 404 }, { ok: "yes" }])
    expect(readReadiness(body)).toBeUndefined();
});

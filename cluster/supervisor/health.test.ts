import { expect, test } from "vitest";
import { type Facts, judge } from "./health.ts";
import { SILENT } from "./probe-gateway.ts";

const GOOD: Facts = {
  generation: 4,
  configProblem: null,
  gate: null,
  memory: null,
  gateway: { running: true, restarts: 0 },
  lastEnd: null,
  telegram: { pending: false, trouble: null },
  probe: { live: true, started: true, ready: true, failing: [] },
  channel: "on",
  channelChanging: false,
  warmUp: "done",
  volumeFull: false,
  stopping: false,
};

const REFUSED = { code: "bot_token_refused", words: "Telegram refuses the bot's token (401)" } as const;

const checks = (changes: Partial<Facts>) =>
  (["healthz", "startupz", "readyz"] as const).map((check) => judge(check, { ...GOOD, ...changes }).ok);

test("all is well", () => {
  expect(judge("readyz", GOOD)).toEqual({
    ok: true,
    reason: null,
    code: null,
    generation: 4,
    config_problem: null,
    gateway: "up",
    gateway_restarts: 0,
    telegram: "ok",
    warm_up: "done",
  });
});

test.each<[string, Partial<Facts>, boolean[], RegExp]>([
  [
    "no network policy in force yet",
    { gate: { code: "egress_open", words: "the network policy is not in force" } },
    [true, false, false],
    /not in force/,
  ],
  [
    "memory that is being put back, which may take long",
    {
      memory: { code: null, words: "its memory is being restored from a backup" },
      gateway: { running: false, restarts: 0 },
    },
    [true, true, false],
    /being restored/,
  ],
  ["a volume that the agent has filled", { volumeFull: true }, [true, true, false], /its volume is full/],
  ["no box.json yet", { generation: null }, [true, false, false], /waiting for box.json/],
  [
    "a first box.json that is wrong",
    { generation: null, configProblem: "box.json: x" },
    [true, false, false],
    /box.json: x/,
  ],
  [
    "a dead gateway",
    { gateway: { running: false, restarts: 2 }, lastEnd: { code: "crash_loop", words: "exited with 1" } },
    [true, false, false],
    /down: exited with 1/,
  ],
  ["a starting gateway", { probe: SILENT }, [true, false, false], /is starting/],
  ["the first turn to come", { warmUp: "pending" }, [true, true, false], /first turn/],
  ["a new bot on its way", { channelChanging: true }, [true, true, false], /changing/],
  [
    "a broken bot",
    { probe: { ...GOOD.probe, ready: false, failing: ["telegram"] } },
    [true, true, false],
    /not working: telegram/,
  ],
  [
    "a Telegram that has not answered yet",
    { telegram: { pending: true, trouble: null } },
    [true, true, false],
    /not answered/,
  ],
  ["a bot that Telegram refuses", { telegram: { pending: false, trouble: REFUSED } }, [true, true, false], /\(401\)/],
  ["stopping", { stopping: true }, [true, false, false], /stopping/],
])("%s", (_name, changes, expected, reason) => {
  expect(checks(changes)).toEqual(expected);
  expect(judge("readyz", { ...GOOD, ...changes }).reason).toMatch(reason);
});

test.each<[string, Partial<Facts>]>([
  ["a failed first turn", { warmUp: "failed" }],
  ["a newer box.json that is wrong", { configProblem: "box.json: missing or invalid: model.id" }],
])("%s is told but does not stop the box", (_name, changes) => {
  expect(checks(changes)).toEqual([true, true, true]);
});

test.each<[string, Partial<Facts>, string | null]>([
  ["a refused bot, before OpenClaw says so", { telegram: { pending: false, trouble: REFUSED } }, "bot_token_refused"],
  ["a channel that fails otherwise", { probe: { ...GOOD.probe, ready: false, failing: ["telegram"] } }, "not_ready"],
  [
    "a gateway that ended",
    { gateway: { running: false, restarts: 2 }, lastEnd: { code: "state_damaged", words: "x" } },
    "state_damaged",
  ],
  ["one that starts after that", { probe: SILENT, lastEnd: { code: "out_of_memory", words: "x" } }, "out_of_memory"],
  ["one that starts", { probe: SILENT }, null],
  ["a full volume", { generation: null, configProblem: "box.json can't be applied: ENOSPC: no space" }, "volume_full"],
  ["a first box.json that is wrong", { generation: null, configProblem: "box.json: x" }, "config_refused"],
])("the code of %s", (_name, changes, code) => {
  expect(judge("readyz", { ...GOOD, ...changes }).code).toBe(code);
});

test("the channel's state is told apart", () => {
  const telegram = (changes: Partial<Facts>) => judge("readyz", { ...GOOD, ...changes }).telegram;
  expect(telegram({ channel: "off" })).toBe("off");
  expect(telegram({ probe: SILENT })).toBe("unknown");
  expect(telegram({ channelChanging: true })).toBe("changing");
  expect(telegram({ probe: { ...GOOD.probe, ready: false, failing: ["telegram"] } })).toBe("failing");
});

test("a refused token is told while the gateway starts, and does not restart its container", () => {
  const starting = { probe: SILENT, telegram: { pending: false, trouble: REFUSED } };
  expect(judge("readyz", { ...GOOD, ...starting })).toMatchObject({
    ok: false,
    code: "bot_token_refused",
    telegram: "failing",
  });
  expect(judge("startupz", { ...GOOD, ...starting }).reason).toBe("the gateway is starting");
  const memory = { code: null, words: "its memory is being restored" };
  expect(judge("readyz", { ...GOOD, ...starting, memory }).reason).toBe(memory.words);
  const away = { code: "telegram_unreachable", words: "away" } as const;
  expect(judge("readyz", { ...GOOD, probe: SILENT, telegram: { pending: false, trouble: away } }).code).toBeNull();
});

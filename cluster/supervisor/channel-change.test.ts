import { expect, test } from "vitest";
import { sampleConfig } from "#schema/contracts/testing/sample-config.ts";
import { createChannelChange } from "./channel-change.ts";

const old = sampleConfig().telegram;
const rotated = { ...old, bot_token: "2:new" };

test("a new bot is under way until OpenClaw says that the channel started", () => {
  const change = createChannelChange();
  change.onApplied(old, rotated);
  change.onLine("[reload] config hot reload applied (channels.telegram.accounts.bot2.botToken)");
  expect(change.isUnderWay()).toBe(true);
  change.onLine("2026-11-23T02:59:36.991+00:00 [telegram] [bot2] starting provider (@b_bot)");
  expect(change.isUnderWay()).toBe(false);
});

test("a channel that the Bot API has not answered has not started", () => {
  const change = createChannelChange();
  change.onApplied(old, rotated);
  change.onLine("[telegram] [bot2] starting provider");
  expect(change.isUnderWay()).toBe(true);
});

test("a gateway's own start is under way until its channel has started, however long it takes to serve", () => {
  let time = 0;
  const change = createChannelChange(() => time);
  change.onStart(old);
  time = 600_000;
  expect(change.isUnderWay()).toBe(true);
  change.onServing();
  time += 59_999;
  change.onServing();
  expect(change.isUnderWay()).toBe(true);
  change.onLine("[telegram] [bot123456789] starting provider (@a_bot)");
  expect(change.isUnderWay()).toBe(false);
  change.onStart(old);
  expect(change.isUnderWay()).toBe(true);
});

test("a gateway that serves and says nothing of its channel is believed after a minute; one without a bot at once", () => {
  let time = 0;
  const change = createChannelChange(() => time);
  change.onStart({ ...old, bot_token: "" });
  expect(change.isUnderWay()).toBe(false);
  change.onStart(old);
  change.onServing();
  time = 60_000;
  expect(change.isUnderWay()).toBe(false);
});

test("a refused bot ends it too, once the probe tells it; the end of the bot that is left does not", () => {
  let time = 0;
  const change = createChannelChange(() => time);
  change.onApplied(old, rotated);
  change.onLine("[telegram] [bot123456789] channel exited: Telegram bot token unauthorized");
  change.onLine("[telegram] [bot123456789] starting provider (@a_bot)");
  time = 3_000;
  expect(change.isUnderWay()).toBe(true);
  change.onLine("[telegram] [bot2] channel exited: Telegram bot token unauthorized");
  time = 4_999;
  expect(change.isUnderWay()).toBe(true);
  time = 5_000;
  expect(change.isUnderWay()).toBe(false);
});

test("other people are under way until OpenClaw has had time to take them in", () => {
  let time = 0;
  const change = createChannelChange(() => time);
  change.onApplied(old, { ...old, allow_from: ["8"] });
  change.onLine("[reload] config change detected; evaluating reload (agents.defaults.thinkingDefault)");
  time = 59_000;
  expect(change.isUnderWay()).toBe(true);
  change.onLine("[reload] config change detected; evaluating reload (agents.defaults, channels.telegram.allowFrom)");
  time = 59_499;
  expect(change.isUnderWay()).toBe(true);
  time = 59_500;
  expect(change.isUnderWay()).toBe(false);
});

test("a gateway that was starting knows them two seconds after its channel has started", () => {
  let time = 0;
  const change = createChannelChange(() => time);
  change.onApplied(old, { ...old, allow_from: ["8"] });
  change.onLine("[telegram] [bot123456789] starting provider (@a_bot)");
  time = 1_999;
  expect(change.isUnderWay()).toBe(true);
  time = 2_000;
  expect(change.isUnderWay()).toBe(false);
});

test("other settings don't change the channel, and a removed bot has nothing to wait for", () => {
  const change = createChannelChange();
  change.onApplied(old, { ...old });
  expect(change.isUnderWay()).toBe(false);
  change.onApplied(old, rotated);
  change.onApplied(rotated, { ...rotated, bot_token: "" });
  expect(change.isUnderWay()).toBe(false);
});

test("without a word from OpenClaw it ends after a minute", () => {
  let time = 0;
  const change = createChannelChange(() => time);
  change.onApplied(old, { ...old, api_root: "https://other.example" });
  time = 59_999;
  expect(change.isUnderWay()).toBe(true);
  time = 60_000;
  expect(change.isUnderWay()).toBe(false);
});

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { sampleConfig } from "#schema/contracts/testing/sample-config.ts";
import { createTelegramCheck, type Verdict } from "./telegram-check.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const BOT = sampleConfig().telegram;

function start(first: Verdict = "accepted") {
  let verdict = first;
  const asked: string[] = [];
  const ask = async ({ bot_token }: typeof BOT) => {
    asked.push(bot_token);
    return verdict;
  };
  const check = createTelegramCheck({ ask });
  check.onApplied(BOT);
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  const code = () => check.trouble()?.code ?? null;
  const become = (next: Verdict) => {
    verdict = next;
  };
  return { check, asked, pass, code, become };
}

it("waits for Telegram's first answer, and then asks now and then", async () => {
  const { check, asked, pass, code } = start();
  expect([check.isPending(), code()]).toEqual([true, null]);
  await pass(0);
  expect([check.isPending(), code()]).toEqual([false, null]);
  await pass(60_000);
  expect(asked).toHaveLength(3);
});

it("names a refused bot, until a new token is applied that is accepted", async () => {
  const { check, pass, code, become } = start("refused");
  await pass(0);
  expect([check.isPending(), code()]).toEqual([false, "bot_token_refused"]);
  become("accepted");
  check.onApplied({ ...BOT, bot_token: "123456789:new" });
  expect([check.isPending(), code()]).toEqual([true, null]);
  await pass(0);
  expect([check.isPending(), code()]).toEqual([false, null]);
});

it("asks at once where OpenClaw gives a channel up, since that may be about the bot before", async () => {
  const { check, asked, pass, code, become } = start();
  await pass(0);
  const said = "[telegram] [bot123456789] channel exited: Unauthorized | Telegram ingress worker exited with code 1";
  check.onLine(said);
  await pass(0);
  expect([asked.length, code()]).toEqual([2, null]);
  become("refused");
  check.onLine(said);
  await pass(0);
  expect(code()).toBe("bot_token_refused");
});

it("takes one answer that is missing for an accident, two for an outage, which ends by itself", async () => {
  const { check, pass, code, become } = start("unreachable");
  await pass(0);
  expect([check.isPending(), code()]).toEqual([true, null]);
  await pass(3_000);
  expect([check.isPending(), code()]).toEqual([false, "telegram_unreachable"]);
  become("accepted");
  await pass(3_000);
  expect(code()).toBeNull();
});

it("names another program that takes the bot's messages until OpenClaw has got through for a while", async () => {
  const { check, pass, code } = start();
  await pass(0);
  check.onLine(
    "[telegram] [diag] isolated polling ingress failed: Telegram getUpdates conflict: Conflict: terminated by",
  );
  expect(code()).toBe("bot_polled_elsewhere");
  await pass(35_000);
  check.onLine("[telegram] [diag] isolated polling ingress started spool=/state");
  await pass(5_000);
  check.onLine(
    "[telegram] [diag] isolated polling ingress failed: Telegram getUpdates conflict: Conflict: terminated by",
  );
  await pass(60_000);
  expect(code()).toBe("bot_polled_elsewhere");
  check.onLine("[telegram] [diag] isolated polling ingress started spool=/state");
  await pass(16_000);
  expect(code()).toBeNull();
});

it("has nothing to ask without a bot, and an answer about the bot before counts for nothing", async () => {
  const { check, asked, pass, code } = start("refused");
  check.onApplied({ ...BOT, bot_token: "" });
  await pass(60_000);
  expect([asked.length, check.isPending(), code()]).toEqual([1, false, null]);
});

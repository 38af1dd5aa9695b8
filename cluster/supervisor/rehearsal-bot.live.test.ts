import { afterEach, beforeEach, expect, test } from "vitest";
import { type RehearsalBot, startRehearsalBot } from "./rehearsal-bot.ts";

let bot: RehearsalBot;
beforeEach(async () => {
  bot = await startRehearsalBot();
});
afterEach(() => bot.close());

const call = (method: string, token = bot.token) => fetch(`${bot.apiRoot}/bot${token}/${method}?timeout=30`);

test("is a bot like any other, for whoever has its token", async () => {
  expect(bot.token).toMatch(/^[1-9]\d*:[A-Za-z0-9_-]{35}$/);
  expect(await (await call("getMe")).json()).toMatchObject({ ok: true, result: { id: 1, is_bot: true } });
  for (const method of ["deleteWebhook", "setMyCommands"]) {
    expect(await (await call(method)).json()).toEqual({ ok: true, result: true });
  }
  expect((await call("getMe", "2:somebody-elses")).status).toBe(404);
  expect((await fetch(`${bot.apiRoot}/`)).status).toBe(404);
});

test("tells when it was asked for messages, and has none", async () => {
  let polled = false;
  void bot.polled.then(() => {
    polled = true;
  });
  await call("getMe");
  expect(polled).toBe(false);
  const poll = call("getUpdates").catch(() => "closed");
  await bot.polled;
  bot.close();
  expect(await poll).toBe("closed");
});

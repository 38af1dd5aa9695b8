import { describe, expect, test } from "vitest";
import { ADA, failure, setUpTelegram } from "./testing/set-up-telegram.ts";

const { start, started } = setUpTelegram();

describe("the API itself", () => {
  test("takes GET, JSON, forms and multipart alike, and any case", async () => {
    const { bot, apiRoot } = await started();
    const url = `${apiRoot}/bot${bot.token}`;
    const form = new FormData();
    form.set("chat_id", String(ADA));
    form.set("text", "multipart");
    form.set("reply_markup", JSON.stringify({ inline_keyboard: [[{ text: "a", callback_data: "b" }]] }));
    const answers = await Promise.all([
      fetch(`${url}/sendMessage?chat_id=${ADA}&text=get`),
      fetch(`${url}/SENDMESSAGE`, {
        method: "POST",
        body: new URLSearchParams({ chat_id: String(ADA), text: "form" }),
      }),
      fetch(`${url}/sendmessage`, { method: "POST", body: form }),
    ]);
    const results = await Promise.all(answers.map((answer) => answer.json()));
    expect(results).toMatchObject([
      { ok: true, result: { text: "get" } },
      { ok: true, result: { text: "form" } },
      { ok: true, result: { text: "multipart", reply_markup: { inline_keyboard: [[{ callback_data: "b" }]] } } },
    ]);
  });

  test.each([
    ["/botabc/getMe", 404, "Not Found"],
    [`/bot123456:${"A".repeat(35)}/getMe`, 401, "Unauthorized"],
    ["/nothing", 404, "Not Found"],
  ])("answers %s with %i", async (path, status, description) => {
    const { apiRoot } = await start();
    const answer = await fetch(`${apiRoot}${path}`);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ ok: false, error_code: status, description });
  });

  test("knows no method that Telegram has not", async () => {
    const { bot, apiRoot } = await start();
    const answer = await fetch(`${apiRoot}/bot${bot.token}/sendLove`);
    expect([answer.status, await answer.json()]).toEqual([
      404,
      { ok: false, error_code: 404, description: "Not Found" },
    ]);
  });

  test("keeps commands and descriptions by language and scope", async () => {
    const { bot } = await start();
    await bot.api.setMyCommands([{ command: "help", description: "Help" }]);
    await bot.api.setMyCommands([{ command: "hilfe", description: "Hilfe" }], { language_code: "de" });
    expect(await bot.api.getMyCommands({ language_code: "de" })).toEqual([{ command: "hilfe", description: "Hilfe" }]);
    await bot.api.deleteMyCommands();
    expect(await bot.api.getMyCommands()).toEqual([]);
    await bot.api.setMyDescription("What I do");
    expect((await bot.api.getMyDescription({ language_code: "de" })).description).toBe("What I do");
    await bot.api.setMyName("Renamed");
    expect((await bot.api.getMe()).first_name).toBe("Renamed");
    expect(await bot.api.getChat(ADA)).toMatchObject({ id: ADA, type: "private", first_name: "Ada" });
  });

  test("fails as planned", async () => {
    const { telegram, bot } = await started();
    telegram.faults.add({ method: "sendMessage", code: 429, retryAfter: 7 });
    expect(await failure(bot.api.sendMessage(ADA, "x"))).toEqual({
      code: 429,
      description: "Too Many Requests: retry after 7",
      retryAfter: 7,
    });
    await bot.api.sendMessage(ADA, "x");
  });
});

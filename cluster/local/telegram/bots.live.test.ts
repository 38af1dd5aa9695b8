import { Bot } from "grammy";
import { describe, expect, test } from "vitest";
import { ADA, failure, setUpTelegram } from "./testing/set-up-telegram.ts";

const { start } = setUpTelegram();

test("BotFather makes a bot, shows its token, and revokes it", async () => {
  const { telegram, apiRoot } = await start();
  const father = { userId: ADA, bot: "BotFather", timeoutMs: 5000 };
  const ask = async (text: string) => {
    telegram.sendAsUser({ ...father, text });
    return (await telegram.waitForReply(father)).text ?? "";
  };
  expect(await ask("/newbot")).toContain("choose a name");
  expect(await ask("My <b>Agent</b>")).toContain("choose a username");
  expect(await ask("my_agent")).toContain("must end in 'bot'");
  expect(await ask("demo_agent_bot")).toContain("already taken");
  const token = /\d+:[\w-]{35}/.exec(await ask("my_agent_bot"))?.[0] ?? "";
  const bot = new Bot(token, { client: { apiRoot } });
  expect(await bot.api.getMe()).toMatchObject({ username: "my_agent_bot", first_name: "My <b>Agent</b>" });
  await ask("/revoke");
  telegram.pressButton({ ...father, text: "@my_agent_bot" });
  const next = /\d+:[\w-]{35}/.exec(telegram.messagesWith(ADA, "BotFather").at(-1)?.text ?? "")?.[0] ?? "";
  expect(await failure(bot.api.getMe())).toMatchObject({ code: 401 });
  expect(await new Bot(next, { client: { apiRoot } }).api.getMe()).toMatchObject({ username: "my_agent_bot" });
});

describe("managed bots", () => {
  async function manager() {
    const { telegram, apiRoot } = await start();
    const made = telegram.createBot({ username: "manager_bot", name: "Manager", canManageBots: true });
    const bot = new Bot(made.token, { client: { apiRoot } });
    telegram.sendAsUser({ userId: ADA, bot: "manager_bot", text: "/start" });
    return { telegram, bot, apiRoot };
  }

  test("are created by a link, told to their manager, and driven with their token", async () => {
    const { telegram, bot, apiRoot } = await manager();
    expect((await bot.api.getMe()).can_manage_bots).toBe(true);
    const wish = { userId: ADA, manager: "manager_bot", username: "child_bot", name: "Child" };
    const { id } = telegram.agreeToManagedBot(wish);
    const update = (await bot.api.getUpdates()).at(-1);
    expect(update?.managed_bot).toMatchObject({ user: { id: ADA }, bot: { id, username: "child_bot" } });
    const token = await bot.api.getManagedBotToken(id);
    const child = new Bot(token, { client: { apiRoot } });
    expect((await child.api.getMe()).username).toBe("child_bot");
    const next = await bot.api.replaceManagedBotToken(id);
    expect(await failure(child.api.getMe())).toMatchObject({ code: 401 });
    expect(next).not.toBe(token);
  });

  test("are asked for by a button, which also leaves a message", async () => {
    const { telegram, bot } = await manager();
    const reply_markup = { keyboard: [[{ text: "Make", request_managed_bot: { request_id: 7 } }]] };
    await bot.api.sendMessage(ADA, "Make one", { reply_markup });
    telegram.agreeToManagedBot({ userId: ADA, manager: "manager_bot", username: "kid_bot", name: "Kid", requestId: 7 });
    const last = (await bot.api.getUpdates()).at(-1);
    expect(last?.message?.managed_bot_created?.bot.username).toBe("kid_bot");
  });

  test("can be closed to strangers, and are nobody else's", async () => {
    const { telegram, bot, apiRoot } = await manager();
    const { id, token } = telegram.agreeToManagedBot({
      userId: ADA,
      manager: "manager_bot",
      username: "own_bot",
      name: "Own",
    });
    await bot.api.setManagedBotAccessSettings(id, true, { added_user_ids: [] });
    expect(await bot.api.getManagedBotAccessSettings(id)).toEqual({ is_access_restricted: true, added_users: [] });
    const bob = telegram.createUser({ first_name: "Bob" });
    for (const userId of [bob.id, ADA]) telegram.sendAsUser({ userId, bot: "own_bot", text: `from ${userId}` });
    const child = new Bot(token, { client: { apiRoot } });
    expect(await child.api.getUpdates()).toMatchObject([{ message: { text: `from ${ADA}` } }]);
    expect(await failure(child.api.getManagedBotToken(id))).toMatchObject({ code: 400 });
    expect(() =>
      telegram.agreeToManagedBot({ userId: ADA, manager: "demo_agent_bot", username: "x1234bot", name: "X" }),
    ).toThrow("Bot Management Mode");
  });
});

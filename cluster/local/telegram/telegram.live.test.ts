import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Bot, GrammyError, InlineKeyboard, InputFile } from "grammy";
import { afterEach, describe, expect, test } from "vitest";
import { mount } from "../http/mount.ts";
import { type Served, serve } from "../http/serve.ts";
import { createTelegram, type TelegramOptions, type TelegramStandIn } from "./telegram.ts";

const open: { served: Served; telegram: TelegramStandIn; bot: Bot }[] = [];
afterEach(async () => {
  for (const { served, telegram, bot } of open.splice(0)) {
    await bot.stop();
    await telegram.close();
    await served.close();
  }
});

const ADA = 1001;
const ada = { userId: ADA, bot: "demo_agent_bot", timeoutMs: 5000 };

/** Mounted below a name, as `npm start` does it; the bot is grammy's, unchanged. */
async function start(options: TelegramOptions = {}) {
  const telegram = createTelegram(options);
  const served = await serve(mount({ telegram }).app);
  const apiRoot = `${served.url}/telegram`;
  const bot = new Bot(telegram.demo.bot.token, { client: { apiRoot } });
  open.push({ served, telegram, bot });
  const say = (text: string) => telegram.sendAsUser({ ...ada, text });
  return { telegram, bot, apiRoot, say };
}

/** Ada has pressed START, and the bot has taken that in. */
async function started(options?: TelegramOptions) {
  const all = await start(options);
  all.say("/start");
  await all.bot.api.getUpdates({ offset: -1 });
  const [last] = await all.bot.api.getUpdates();
  await all.bot.api.getUpdates({ offset: (last?.update_id ?? 0) + 1 });
  return all;
}

async function failure(
  call: Promise<unknown>,
): Promise<{ code: number; description: string; retryAfter: number | undefined }> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof GrammyError)) throw new Error("the call did not fail as it should", { cause: error });
  return { code: error.error_code, description: error.description, retryAfter: error.parameters.retry_after };
}

describe("a grammy bot that polls", () => {
  test("hears a user and answers, again and again", async () => {
    const { telegram, bot, say } = await start();
    bot.on("message:text", (c) => c.reply(`you said ${c.message.text}`));
    const running = bot.start();
    for (const word of ["one", "two"]) {
      say(word);
      expect((await telegram.waitForReply(ada)).text).toBe(`you said ${word}`);
    }
    await expect.poll(() => telegram.pollers()).toMatchObject([{ bot: "demo_agent_bot", polling: true }]);
    await bot.stop();
    await running;
    await expect.poll(() => telegram.pollers()).toMatchObject([{ polling: false }]);
  });

  test("gets a photo and fetches it", async () => {
    const { telegram, bot, apiRoot } = await start();
    const bytes = Buffer.from(
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAYAAAC56t6BAAAAC0lEQVR42mNgwAUAABsAAdlDqnUAAAAASUVORK5CYII=",
      "base64",
    );
    telegram.sendAsUser({ ...ada, text: "look", photo: { bytes, name: "a.png", mimeType: "image/png" } });
    const [update] = await bot.api.getUpdates();
    expect(update?.message).toMatchObject({ caption: "look", photo: [{ width: 2, height: 3 }] });
    const file = await bot.api.getFile(update?.message?.photo?.[0]?.file_id ?? "");
    const fetched = await fetch(`${apiRoot}/file/bot${bot.token}/${file.file_path}`);
    expect(Buffer.from(await fetched.arrayBuffer()).equals(bytes)).toBe(true);
    expect((await fetch(`${apiRoot}/file/bot${bot.token}/photos/..%2f..%2fworld.ts`)).status).toBe(404);
  });

  test("confirms by offset, and is woken by a message", async () => {
    const { bot, say } = await started();
    const waiting = bot.api.getUpdates({ timeout: 30 });
    say("wake up");
    const [update] = await waiting;
    expect(update?.message?.text).toBe("wake up");
    expect(await bot.api.getUpdates()).toHaveLength(1);
    expect(await bot.api.getUpdates({ offset: (update?.update_id ?? 0) + 1 })).toEqual([]);
  });

  test("gets only the kinds of updates it asked for, until it asks again", async () => {
    const { telegram, bot, say } = await started();
    await bot.api.getUpdates({ allowed_updates: ["callback_query"] });
    say("not for you");
    expect(await bot.api.getUpdates()).toEqual([]);
    await bot.api.getUpdates({ allowed_updates: [] });
    telegram.setBlocked(ADA, "demo_agent_bot", true);
    expect(await bot.api.getUpdates()).toMatchObject([{ my_chat_member: { new_chat_member: { status: "kicked" } } }]);
  });

  test("loses its poll to a second one, in Telegram's words", async () => {
    const { telegram, bot, say } = await start();
    const first = failure(bot.api.getUpdates({ timeout: 30 }));
    await expect.poll(() => telegram.pollers()[0]?.polling).toBe(true);
    const second = bot.api.getUpdates({ timeout: 30 });
    expect(await first).toMatchObject({
      code: 409,
      description: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    });
    say("hello");
    expect(await second).toHaveLength(1);
  });
});

describe("messages", () => {
  test("are formatted, replied to, edited and deleted", async () => {
    const { telegram, bot } = await started();
    const sent = await bot.api.sendMessage(ADA, "<b>Hi</b>", {
      parse_mode: "HTML",
      reply_parameters: { message_id: 1 },
    });
    expect(sent).toMatchObject({ text: "Hi", entities: [{ type: "bold" }], reply_to_message: { text: "/start" } });
    const keyboard = new InlineKeyboard().text("Go", "go");
    await bot.api.editMessageText(ADA, sent.message_id, "Ho", { reply_markup: keyboard });
    expect(telegram.messagesWith(ADA, "demo_agent_bot").at(-1)).toMatchObject({
      text: "Ho",
      reply_markup: { inline_keyboard: [[{ callback_data: "go" }]] },
      edit_date: expect.any(Number),
    });
    expect(
      await failure(bot.api.editMessageText(ADA, sent.message_id, "Ho", { reply_markup: keyboard })),
    ).toMatchObject({
      code: 400,
      description: expect.stringContaining("message is not modified"),
    });
    await bot.api.editMessageReplyMarkup(ADA, sent.message_id);
    await bot.api.setMessageReaction(ADA, 1, [{ type: "emoji", emoji: "👍" }]);
    await bot.api.deleteMessages(ADA, [sent.message_id]);
    expect(telegram.messagesWith(ADA, "demo_agent_bot")).toMatchObject([{ text: "/start", reaction: "👍" }]);
    expect((await failure(bot.api.deleteMessage(ADA, sent.message_id))).description).toBe(
      "Bad Request: message to delete not found",
    );
  });

  test("carry photos and documents, uploaded or sent again by id", async () => {
    const { telegram, bot } = await started();
    const { document } = await bot.api.sendDocument(ADA, new InputFile(Buffer.from("text"), "a.txt"), {
      caption: "*c*",
      parse_mode: "MarkdownV2",
    });
    expect(document).toMatchObject({ file_name: "a.txt", file_size: 4 });
    await bot.api.sendPhoto(ADA, new InputFile(Buffer.from("not really"), "p.jpg"));
    await bot.api.sendDocument(ADA, document.file_id);
    const kinds = telegram
      .messagesWith(ADA, "demo_agent_bot")
      .map((message) => [message.caption, !!message.photo, !!message.document]);
    expect(kinds.slice(1)).toEqual([
      ["c", false, true],
      [undefined, true, false],
      [undefined, false, true],
    ]);
  });

  test("are refused as Telegram refuses them", async () => {
    const { telegram, bot } = await started();
    const stranger = telegram.createUser({ first_name: "Bob" });
    const refusals = [
      bot.api.sendMessage(424242, "x"),
      bot.api.sendMessage(stranger.id, "x"),
      bot.api.sendMessage(ADA, "x".repeat(4097)),
      bot.api.sendMessage(ADA, "   "),
      bot.api.sendMessage(ADA, "x", { reply_parameters: { message_id: 99 } }),
      bot.api.sendMessage(ADA, "x", { reply_markup: new InlineKeyboard().text("x", "d".repeat(65)) }),
      bot.api.editMessageText(ADA, 1, "x"),
      bot.api.sendChatAction(ADA, "dancing" as never),
    ];
    expect((await Promise.all(refusals.map(failure))).map(({ description }) => description)).toEqual([
      "Bad Request: chat not found",
      "Forbidden: bot can't initiate conversation with a user",
      "Bad Request: message is too long",
      "Bad Request: message text is empty",
      "Bad Request: message to be replied not found",
      "Bad Request: BUTTON_DATA_INVALID",
      "Bad Request: message can't be edited",
      "Bad Request: wrong parameter action in request",
    ]);
    telegram.setBlocked(ADA, "demo_agent_bot", true);
    expect(await failure(bot.api.sendMessage(ADA, "x"))).toMatchObject({
      code: 403,
      description: "Forbidden: bot was blocked by the user",
    });
  });

  test("buttons are pressed and answered", async () => {
    const { telegram, bot } = await started();
    bot.callbackQuery("yes", async (c) => {
      await c.answerCallbackQuery("Thanks");
      await c.editMessageText("Chosen");
    });
    const sent = await bot.api.sendMessage(ADA, "Well?", { reply_markup: new InlineKeyboard().text("Yes", "yes") });
    void bot.start();
    const id = telegram.pressButton({ ...ada, text: "Yes" });
    await telegram.waitForReply({ ...ada, after: sent.message_id - 1, where: ({ text }) => text === "Chosen" });
    expect((await failure(bot.api.answerCallbackQuery(id))).description).toContain("query is too old");
  });
});

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

test("users, bots, chats and files survive a restart; tokens are made once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "telegram-"));
  const storage = join(folder, "telegram.json");
  const first = createTelegram({ storage });
  const photo = { bytes: Buffer.from("picture"), name: "p.jpg", mimeType: "image/jpeg" };
  const sent = first.sendAsUser({ ...ada, text: "remember me", photo });
  await first.close();
  const { telegram, bot, apiRoot } = await start({ storage });
  expect(telegram.demo).toEqual(first.demo);
  expect(createTelegram().demo.bot.token).not.toBe(first.demo.bot.token);
  expect(await bot.api.getUpdates()).toMatchObject([{ message: { caption: "remember me" } }]);
  const file = await bot.api.getFile(sent.photo?.[0]?.file_id ?? "");
  expect(await (await fetch(`${apiRoot}/file/bot${bot.token}/${file.file_path}`)).text()).toBe("picture");
  await rm(folder, { recursive: true });
});

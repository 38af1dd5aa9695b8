import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InlineKeyboard, InputFile } from "grammy";
import { describe, expect, test } from "vitest";
import { createTelegram } from "./telegram.ts";
import { ADA, ada, failure, setUpTelegram } from "./testing/set-up-telegram.ts";

const { start, started } = setUpTelegram();

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

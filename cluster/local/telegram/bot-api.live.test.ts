import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Bot, GrammyError, InlineKeyboard, InputFile } from "grammy";
import { Hono } from "hono";
import { afterEach, expect, test } from "vitest";
import { serve } from "../http/serve.ts";
import { createTelegram } from "./telegram.ts";

const ADA = 1001;
const ada = { userId: ADA, bot: "demo_agent_bot", timeoutMs: 5000 };
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function listen(app: Hono): Promise<string> {
  const { url, close } = await serve(app);
  closing.push(close);
  return url;
}

/** The stand-in with the demo bot as grammY's, unchanged; in a new world Ada has pressed START. */
async function start(storage?: string) {
  const telegram = createTelegram({ storage });
  closing.push(() => telegram.close());
  const url = await listen(telegram.app);
  const grammy = (token: string) => new Bot(token, { client: { apiRoot: url } });
  const bot = grammy(telegram.demo.bot.token);
  closing.unshift(() => bot.stop());
  const say = (text: string, to = ada.bot) => telegram.sendAsUser({ ...ada, bot: to, text });
  if (!storage) say("/start");
  const shown = () => telegram.messagesWith(ADA, ada.bot).slice(1);
  const polling = () => expect.poll(() => telegram.pollers().find(({ bot }) => bot === ada.bot)?.polling).toBe(true);
  return { telegram, bot, api: bot.api, grammy, url, say, shown, polling, files: `${url}/file/bot${bot.token}` };
}

/** Code and description of a call that must fail. */
async function failure(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.then(
    () => "it did not fail",
    (thrown) => thrown,
  );
  return error instanceof GrammyError ? `${error.error_code} ${error.description}` : String(error);
}

test("a bot that polls hears a person and answers, again and again", async () => {
  const { telegram, bot, say, polling } = await start();
  bot.on("message:text", (c) => c.reply(`you said ${c.message.text}`));
  const running = bot.start();
  for (const word of ["one", "two"]) {
    say(word);
    await telegram.waitForReply({ ...ada, where: ({ text }) => text === `you said ${word}` });
  }
  await polling();
  await bot.stop();
  await running;
  await expect.poll(() => telegram.pollers()).toMatchObject([{ bot: ada.bot, polling: false }]);
  await expect(telegram.waitForReply({ ...ada, timeoutMs: 1, after: 99 })).rejects.toThrow("gave no such reply");
});

test("updates begin at another id for each bot, are confirmed by offset, and wake a waiting poll", async () => {
  const { telegram, api, grammy, say, polling } = await start();
  const other = telegram.createBot({ username: "other_bot", name: "Other" });
  say("hello", "other_bot");
  const [theirs] = await grammy(other.token).api.getUpdates();
  const [first] = await api.getUpdates();
  expect(theirs?.update_id).not.toBe(first?.update_id);
  const offset = (first?.update_id ?? 0) + 1;
  const waiting = api.getUpdates({ offset, timeout: 30 });
  await polling();
  say("wake up");
  expect(await waiting).toMatchObject([{ update_id: offset, message: { text: "wake up" } }]);
  expect(await api.getUpdates({ offset: offset + 1, allowed_updates: ["callback_query"] })).toEqual([]);
  say("not for you");
  expect(await api.getUpdates()).toEqual([]);
});

test("updates go to the last poller alone, and to none while a webhook is set", async () => {
  const { api, polling } = await start();
  const poll = () => failure(api.getUpdates({ offset: 2e9, timeout: 30 }));
  const first = poll();
  await polling();
  const second = poll();
  expect(await first).toMatch("409 Conflict: terminated by other getUpdates request");
  await polling();
  expect(await failure(api.setWebhook("http://example.com/hook"))).toMatch("An HTTPS URL must be provided");
  await api.setWebhook("http://127.0.0.1:9/");
  expect(await second).toBe("409 Conflict: terminated by setWebhook request");
  expect(await poll()).toMatch("409 Conflict: can't use getUpdates method while webhook is active");
  await api.deleteWebhook({ drop_pending_updates: true });
  expect(await api.getWebhookInfo()).toMatchObject({ url: "", pending_update_count: 0 });
});

test("a webhook gets updates with its secret, in order, and again until it takes them", async () => {
  const { api, say } = await start();
  const seen: string[] = [];
  let failures = 2;
  const hook = new Hono().post("/hook", async (c) => {
    if (failures-- > 0) return c.text("no", 500);
    seen.push(`${c.req.header("x-telegram-bot-api-secret-token")} ${(await c.req.json()).message.text}`);
    return c.json({});
  });
  await api.setWebhook(`${await listen(hook)}/hook`, { secret_token: "s3cret" });
  say("hello");
  await expect.poll(() => seen).toEqual(["s3cret /start", "s3cret hello"]);
  await expect.poll(() => api.getWebhookInfo()).toMatchObject({ pending_update_count: 0 });
});

test("messages are formatted, replied to, edited, reacted to and deleted", async () => {
  const { api, shown } = await start();
  const reply = { reply_parameters: { message_id: 1 } };
  const sent = await api.sendMessage(ADA, "<b>Hi</b>", { parse_mode: "HTML", ...reply });
  expect(sent).toMatchObject({ text: "Hi", entities: [{ type: "bold" }], reply_to_message: { text: "/start" } });
  const reply_markup = new InlineKeyboard().text("Go", "go");
  const edit = () => api.editMessageText(ADA, sent.message_id, "Ho", { reply_markup });
  await edit();
  expect(shown()).toMatchObject([{ text: "Ho", reply_markup, edit_date: expect.any(Number) }]);
  expect(await failure(edit())).toMatch("message is not modified");
  await api.editMessageReplyMarkup(ADA, sent.message_id);
  await api.setMessageReaction(ADA, sent.message_id, [{ type: "emoji", emoji: "👍" }]);
  expect(shown()).toMatchObject([{ reaction: "👍" }]);
  expect(shown()[0]?.reply_markup).toBeUndefined();
  await api.deleteMessage(ADA, sent.message_id);
  expect(shown()).toEqual([]);
  expect(await failure(api.deleteMessage(ADA, sent.message_id))).toMatch("message to delete not found");
});

test("files of every kind are uploaded, sent again by id, and fetched", async () => {
  const { api, files, shown } = await start();
  const file = () => new InputFile(Buffer.from("text"), "a.txt");
  const { document, message_id } = await api.sendDocument(ADA, file(), { caption: "<i>c</i>", parse_mode: "HTML" });
  await api.editMessageCaption(ADA, message_id, { caption: "d" });
  await api.sendPhoto(ADA, file());
  await api.sendAudio(ADA, file());
  await api.sendVoice(ADA, file());
  await api.sendVideo(ADA, file());
  await api.sendAnimation(ADA, file());
  await api.sendDocument(ADA, document.file_id);
  const kinds = ["photo", "audio", "voice", "video", "animation", "document"];
  expect(shown()).toMatchObject([{ caption: "d" }, ...kinds.map((kind) => ({ [kind]: expect.anything() }))]);
  const { file_path } = await api.getFile(document.file_id);
  expect(await (await fetch(`${files}/${file_path}`)).text()).toBe("text");
  expect((await fetch(`${files}/photos/..%2f..%2fworld.ts`)).status).toBe(404);
  expect(await failure(api.getFile("nothing"))).toMatch("wrong file_id");
});

test("buttons are pressed, and answered once", async () => {
  const { telegram, bot, api } = await start();
  bot.callbackQuery("yes", async (c) => {
    await c.answerCallbackQuery();
    await c.editMessageText("Chosen");
  });
  const reply_markup = new InlineKeyboard().text("Yes", "yes");
  const { message_id: messageId } = await api.sendMessage(ADA, "Well?", { reply_markup });
  expect(() => telegram.pressButton({ ...ada, messageId, data: "no" })).toThrow('no button "no"');
  const id = telegram.pressButton({ ...ada, messageId, data: "yes" });
  void bot.start();
  await telegram.waitForReply({ ...ada, where: ({ text }) => text === "Chosen" });
  expect(await failure(api.answerCallbackQuery(id))).toMatch("query is too old");
});

test("a message is refused as Telegram refuses it", async () => {
  const { telegram, api } = await start();
  const tooLong = new InlineKeyboard().text("x", "d".repeat(65));
  const refusals = [
    api.sendMessage(424242, "x"),
    api.sendMessage(telegram.createUser("Bob").id, "x"),
    api.sendMessage(ADA, "x".repeat(4097)),
    api.sendMessage(ADA, "   "),
    api.sendMessage(ADA, "*x*", { parse_mode: "MarkdownV2" }),
    api.sendMessage(ADA, "x", { reply_parameters: { message_id: 99 } }),
    api.sendMessage(ADA, "x", { reply_markup: tooLong }),
    api.editMessageText(ADA, 1, "x"),
  ];
  expect(await Promise.all(refusals.map(failure))).toEqual([
    "400 Bad Request: chat not found",
    "403 Forbidden: bot can't initiate conversation with a user",
    "400 Bad Request: message is too long",
    "400 Bad Request: message text is empty",
    "400 Bad Request: unsupported parse_mode",
    "400 Bad Request: message to be replied not found",
    "400 Bad Request: wrong parameter reply_markup.inline_keyboard.0.0.callback_data in request",
    "400 Bad Request: message can't be edited",
  ]);
});

test("a bot knows itself and the other side, and keeps its commands", async () => {
  const { api, telegram } = await start();
  expect(await api.getMe()).toMatchObject({ id: 7_000_000_001, is_bot: true, username: "demo_agent_bot" });
  expect(await api.getChat(ADA)).toMatchObject({ id: ADA, type: "private", first_name: "Ada" });
  const commands = [{ command: "help", description: "Help" }];
  const shown = `/client/chats/demo_agent_bot?user=${ADA}`;
  const kept = async () => (await (await telegram.chats.request(shown)).json()).commands;
  await api.setMyCommands(commands);
  await api.deleteMyCommands({ scope: { type: "all_group_chats" }, language_code: "de" });
  expect(await kept()).toEqual(commands);
  await api.deleteMyCommands();
  expect(await kept()).toEqual([]);
});

test.each([
  ["/botabc/getMe", 404, "Not Found"],
  [`/bot123456:${"A".repeat(35)}/getMe`, 401, "Unauthorized"],
  ["/nothing", 404, "Not Found"],
  ["/bot<token>/sendLove", 404, "Not Found"],
  [`/bot<token>/sendMessage?chat_id=${ADA}&text=`, 400, "Bad Request: message text is empty"],
])("%s is answered with %i", async (path, error_code, description) => {
  const { url, bot } = await start();
  const answer = await fetch(`${url}${path.replace("<token>", bot.token)}`);
  expect([answer.status, await answer.json()]).toEqual([error_code, { ok: false, error_code, description }]);
});

test("BotFather makes a bot, and tells its token again", async () => {
  const { telegram, grammy, say } = await start();
  const ask = (text: string) => {
    say(text, "BotFather");
    return telegram.messagesWith(ADA, "BotFather").at(-1)?.text ?? "";
  };
  expect(ask("/newbot")).toContain("choose a name");
  expect(ask("My <b>Agent</b>")).toContain("choose a username");
  expect(ask("my_agent")).toContain("must end in 'bot'");
  expect(ask("demo_agent_bot")).toContain("already taken");
  const token = /\d+:[\w-]{35}/.exec(ask("my_agent_bot"))?.[0] ?? "";
  expect(await grammy(token).api.getMe()).toMatchObject({ username: "my_agent_bot", first_name: "My <b>Agent</b>" });
  expect(ask("/mybots")).toContain(token);
});

test("BotFather revokes a token: whoever waits with it is refused at once, and the messages stay for the new one", async () => {
  const { telegram, grammy, api, say } = await start();
  const ask = (text: string) => {
    say(text, "BotFather");
    return telegram.messagesWith(ADA, "BotFather").at(-1)?.text ?? "";
  };
  const [started] = await api.getUpdates();
  const offset = (started?.update_id ?? 0) + 1;
  const refused = expect(api.getUpdates({ timeout: 30, offset })).rejects.toMatchObject({ error_code: 401 });
  await expect.poll(() => telegram.pollers().some(({ polling }) => polling)).toBe(true);
  const token = /\d+:[\w-]{35}/.exec(ask(`/revoke @${ada.bot}`))?.[0] ?? "";
  await refused;
  await expect(api.getMe()).rejects.toMatchObject({ error_code: 401 });
  say("are you there?");
  expect(await grammy(token).api.getUpdates()).toMatchObject([{ message: { text: "are you there?" } }]);
  expect(ask("/revoke @nobodys_bot")).toContain("You have no such bot");
});

test("users, bots, chats and files survive a restart; tokens are made once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "telegram-"));
  const storage = join(folder, "telegram.json");
  const first = createTelegram({ storage });
  const file = { bytes: Buffer.from("picture"), name: "p.jpg", mimeType: "image/jpeg" };
  const { photo } = first.sendAsUser({ ...ada, text: "remember me", file });
  await first.close();
  const { telegram, api, files } = await start(storage);
  closing.push(() => rm(folder, { recursive: true }));
  expect(telegram.demo).toEqual(first.demo);
  expect(createTelegram().demo.bot.token).not.toBe(first.demo.bot.token);
  expect(await api.getUpdates()).toMatchObject([{ message: { caption: "remember me" } }]);
  const { file_path } = await api.getFile(photo?.[0]?.file_id ?? "");
  expect(await (await fetch(`${files}/${file_path}`)).text()).toBe("picture");
  expect((await fetch(`${files}/photos/none`)).status).toBe(404);
});

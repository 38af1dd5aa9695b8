import { Bot, webhookCallback } from "grammy";
import { Hono } from "hono";
import { afterEach, expect, test } from "vitest";
import { type Served, serve } from "../http/serve.ts";
import { createTelegram, type TelegramStandIn } from "./telegram.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start() {
  const telegram = createTelegram({ webhookRetryMs: 1 });
  const served = await serve(telegram.app);
  closing.push(
    () => telegram.close(),
    () => served.close(),
  );
  const bot = new Bot(telegram.demo.bot.token, { client: { apiRoot: served.url } });
  return { telegram, bot };
}

async function receiver(app: Hono): Promise<Served> {
  const served = await serve(app);
  closing.unshift(() => served.close());
  return served;
}

const ada = { userId: 1001, bot: "demo_agent_bot", timeoutMs: 5000 };
const say = (telegram: TelegramStandIn, text: string) => telegram.sendAsUser({ ...ada, text });

test("a webhook gets updates with its secret, and may answer with a call", async () => {
  const { telegram, bot } = await start();
  const hook = new Bot(bot.token, { client: { apiRoot: "http://127.0.0.1:9", canUseWebhookReply: () => true } });
  hook.botInfo = await bot.api.getMe();
  hook.on("message:text", (c) => c.reply(`heard ${c.message.text}`));
  const handle = webhookCallback(hook, "std/http", { secretToken: "s3cret" });
  const { url } = await receiver(new Hono().post("/hook", (c) => handle(c.req.raw)));
  await bot.api.setWebhook(`${url}/hook`, { secret_token: "s3cret", max_connections: 3 });
  say(telegram, "hello");
  expect((await telegram.waitForReply(ada)).text).toBe("heard hello");
  await expect.poll(() => bot.api.getWebhookInfo()).toMatchObject({ pending_update_count: 0, max_connections: 3 });
});

test("what a webhook does not take comes again, in order", async () => {
  const { telegram, bot } = await start();
  const seen: string[] = [];
  let failures = 3;
  const app = new Hono().post("/", async (c) => {
    if (failures-- > 0) return c.text("no", 500);
    const update = await c.req.json();
    seen.push(update.message.text);
    return c.json({});
  });
  const { url } = await receiver(app);
  await bot.api.setWebhook(url);
  say(telegram, "first");
  say(telegram, "second");
  await expect.poll(() => seen).toEqual(["first", "second"]);
  const info = await bot.api.getWebhookInfo();
  expect(info.last_error_message).toBe("Wrong response from the webhook: 500 Internal Server Error");
});

test("polling and a webhook exclude each other", async () => {
  const { telegram, bot } = await start();
  const polling = bot.api.getUpdates({ timeout: 30 }).catch((error: unknown) => String(error));
  await expect.poll(() => telegram.pollers()[0]?.polling).toBe(true);
  await bot.api.setWebhook("http://127.0.0.1:9/");
  expect(await polling).toContain("409: Conflict: terminated by setWebhook request");
  await expect(bot.api.getUpdates()).rejects.toThrow("can't use getUpdates method while webhook is active");
  say(telegram, "dropped");
  await bot.api.deleteWebhook({ drop_pending_updates: true });
  expect(await bot.api.getUpdates()).toEqual([]);
});

test.each([
  ["http://example.com/hook", "s", "An HTTPS URL must be provided for webhook"],
  ["https://example.com/hook", "not allowed", "secret token contains unallowed characters"],
])("setWebhook refuses %s with secret %s", async (url, secret_token, reason) => {
  const { bot } = await start();
  await expect(bot.api.setWebhook(url, { secret_token })).rejects.toThrow(reason);
});

import { inspect } from "node:util";
import { type Context, Hono } from "hono";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Served, serve } from "#cluster/local/http/serve.ts";
import { freePort } from "#cluster/system/free-port.ts";
import { createTelegram } from "./telegram.ts";

const TOKEN = "7000000001:AAcanary-canary-canary-canary-canar";
const BOT = { id: 7_000_000_001, is_bot: true, first_name: "A bot", username: "a_bot" };

let served: Served;
let asked: string[] = [];
let answer: (c: Context) => Response | Promise<Response>;
beforeAll(async () => {
  const app = new Hono().all("*", (c) => {
    asked.push(c.req.path);
    return answer(c);
  });
  served = await serve(app);
});
afterAll(() => served.close());
beforeEach(() => {
  asked = [];
});

const getMe = (apiRoot = served.url) => createTelegram({ TELEGRAM_API_ROOT: apiRoot }, 0.3).getMe(TOKEN);

test("the bot that a token is for", async () => {
  answer = (c) => c.json({ ok: true, result: BOT });
  expect(await getMe()).toEqual({ id: BOT.id, username: "a_bot" });
  expect(asked).toEqual([`/bot${TOKEN}/getMe`]);
});

test("a bot that is let go has no webhook and no commands, wherever they were shown", async () => {
  answer = (c) => c.json({ ok: true, result: true });
  await createTelegram({ TELEGRAM_API_ROOT: served.url }).letGo(TOKEN);
  const deleted = (method: string) => asked.filter((path) => path === `/bot${TOKEN}/${method}`).length;
  expect([deleted("deleteWebhook"), deleted("deleteMyCommands")]).toEqual([1, 2]);
});

test("one whose token is revoked is let go without a word, and a Telegram that is away is told", async () => {
  const telegram = createTelegram({ TELEGRAM_API_ROOT: served.url }, 0.3);
  answer = (c) => c.json({ ok: false, error_code: 401, description: "Unauthorized" }, 401);
  await telegram.letGo(TOKEN);
  answer = (c) => c.html("<h1>Bad Gateway</h1>", 502);
  await failure(telegram.letGo(TOKEN));
});

test.each([
  [401, "Unauthorized"],
  [404, "Not Found"],
] as const)("a token that Telegram refuses with %i is nobody's", async (error_code, description) => {
  answer = (c) => c.json({ ok: false, error_code, description }, error_code);
  expect(await getMe()).toBeUndefined();
});

const failures: [string, typeof answer][] = [
  ["too many requests", (c) => c.json({ ok: false, error_code: 429, description: "Too Many Requests" }, 429)],
  ["a gateway's page", (c) => c.html("<h1>Bad Gateway</h1>", 502)],
  ["no answer in time", () => new Promise(() => undefined)],
  [
    "a body that stops",
    (c) => c.body(new ReadableStream({ start: (it) => it.enqueue(new TextEncoder().encode("{")) })),
  ],
  ["nothing", (c) => c.json(null)],
  ["a person", (c) => c.json({ ok: true, result: { ...BOT, is_bot: false } })],
  ["a bot without a name", (c) => c.json({ ok: true, result: { id: 1, is_bot: true } })],
];

const failure = async (asking: Promise<unknown>) => {
  const error = await asking.then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  expect(error).toMatchObject({ code: "upstream_unavailable", retryAfter: 10 });
  expect(inspect(error, { depth: null, showHidden: true })).not.toContain(TOKEN);
};

test.each(failures)("%s is Telegram not answering, and says no token", async (_, says) => {
  answer = says;
  await failure(getMe());
});

test("neither does nobody at the address, nor an address that is none", async () => {
  await failure(getMe(`http://127.0.0.1:${await freePort()}`));
  await failure(getMe("http://[telegram"));
  await failure(getMe("ftp://127.0.0.1"));
});

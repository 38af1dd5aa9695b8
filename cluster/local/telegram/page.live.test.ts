import { readdir, readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterEach, describe, expect, test } from "vitest";
import { chromiumPath, launchChromium } from "#tests/browser/chromium.ts";
import { mount } from "../http/mount.ts";
import { type Served, serve } from "../http/serve.ts";
import { createTelegram, type TelegramStandIn } from "./telegram.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(): Promise<{
  telegram: TelegramStandIn;
  url: string;
  api: (method: string, body: object) => Promise<Response>;
}> {
  const telegram = createTelegram();
  const served: Served = await serve(mount({ telegram }).app);
  closing.push(
    () => telegram.close(),
    () => served.close(),
  );
  const url = `${served.url}/telegram`;
  const api = (method: string, body: object) =>
    fetch(`${url}/bot${telegram.demo.bot.token}/${method}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ chat_id: 1001, ...body }),
    });
  return { telegram, url, api };
}

const HOSTILE = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
const ada = { userId: 1001, bot: "demo_agent_bot", timeoutMs: 5000 };

describe("the page's files", () => {
  test("are served below the mount, with a policy that lets nothing foreign run", async () => {
    const { url } = await start();
    const page = await fetch(url);
    expect(page.url).toBe(`${url}/`);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'; script-src 'self'");
    const html = await page.text();
    for (const [, address = ""] of html.matchAll(/(?:src|href)="([^":]+)"/g)) {
      expect(address).not.toMatch(/^\//);
      expect((await fetch(`${url}/${address}`)).status).toBe(200);
    }
    expect((await fetch(`${url}/package.json`)).status).toBe(404);
  });

  test("never turn text into markup", async () => {
    const folder = new URL("./page/", import.meta.url);
    for (const name of await readdir(folder)) {
      const source = await readFile(new URL(name, folder), "utf8");
      expect(source, name).not.toMatch(
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|createContextualFragment/,
      );
    }
  });
});

describe("the page's own API", () => {
  test("refuses other sites, and explains what is wrong", async () => {
    const { url } = await start();
    const post = (body: object, headers: Record<string, string> = {}) =>
      fetch(`${url}/client/messages`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      });
    const message = { user: 1001, bot: "demo_agent_bot", text: "hi" };
    expect((await post(message, { "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await post(message)).status).toBe(200);
    expect(await (await post({ ...message, bot: "nobody_bot" })).json()).toEqual({
      error: expect.stringContaining("there is no bot @nobody_bot"),
    });
    expect(await (await post({ ...message, text: " " })).json()).toEqual({
      error: "Bad Request: message text is empty",
    });
  });

  test("shows pictures as pictures, and everything else for saving only", async () => {
    const { telegram, url } = await start();
    const upload = (name: string, mimeType: string) => ({ bytes: Buffer.from(HOSTILE), name, mimeType });
    const { photo } = telegram.sendAsUser({ ...ada, photo: upload("a.png", "image/png") });
    const { document } = telegram.sendAsUser({ ...ada, document: upload("a.html", "text/html") });
    const types = [photo?.[0]?.file_id, document?.file_id].map(async (id) => {
      const { headers } = await fetch(`${url}/client/files/${id}`);
      return [headers.get("content-type"), headers.get("content-disposition")];
    });
    expect(await Promise.all(types)).toEqual([
      ["image/png", "inline"],
      ["application/octet-stream", "attachment"],
    ]);
  });
});

describe.skipIf(!chromiumPath)("in a browser", () => {
  async function openPage(address: string): Promise<Page> {
    const browser = await launchChromium();
    closing.unshift(() => browser.close());
    const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    page.setDefaultTimeout(10_000);
    await page.goto(address);
    return page;
  }

  test("what a bot writes stays text, wherever it is shown", async () => {
    const { telegram, url, api } = await start();
    telegram.sendAsUser({ ...ada, text: HOSTILE });
    await api("sendMessage", {
      text: HOSTILE,
      reply_parameters: { message_id: 1 },
      reply_markup: { inline_keyboard: [[{ text: HOSTILE, callback_data: "x" }]] },
    });
    await api("sendMessage", {
      text: "click",
      entities: [{ type: "text_link", offset: 0, length: 5, url: "javascript:document.title='owned'" }],
    });
    await api("setMyCommands", { commands: [{ command: "x", description: HOSTILE }] });
    const page = await openPage(`${url}/?bot=demo_agent_bot`);
    await page.locator(".message").nth(2).waitFor();
    await page.fill("#text", "/");
    await page.locator("#commands button").waitFor();
    expect(await page.locator(".message .text").first().textContent()).toBe(HOSTILE);
    expect(await page.locator(".message img, .message script, #commands img, #chats img").count()).toBe(0);
    expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
    expect(await page.title()).not.toBe("owned");
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  });

  test("a person starts a bot, writes to it, sees it type, stream and answer, and presses a button", async () => {
    const { telegram, url, api } = await start();
    const page = await openPage(`${url}/?bot=demo_agent_bot`);
    await page.click("#start");
    await expect.poll(() => telegram.messagesWith(1001, "demo_agent_bot").at(-1)?.text).toBe("/start");
    await page.fill("#text", "hello");
    await page.press("#text", "Enter");
    await expect.poll(() => telegram.messagesWith(1001, "demo_agent_bot").at(-1)?.text).toBe("hello");
    await api("sendChatAction", { action: "typing" });
    await page.getByText("typing…").waitFor();
    await api("sendMessageDraft", { draft_id: 1, text: "Hel" });
    await page.locator(".draft").getByText("Hel").waitFor();
    const reply_markup = { inline_keyboard: [[{ text: "More", callback_data: "more" }]] };
    await api("sendMessage", { text: "Hello", reply_markup });
    await page.locator(".theirs").getByText("Hello").waitFor();
    expect(await page.locator(".draft").count()).toBe(0);
    await api("editMessageText", { message_id: 3, text: "Hello Ada", reply_markup });
    await page.locator(".theirs .text").getByText("Hello Ada", { exact: true }).waitFor();
    await page.getByRole("button", { name: "More" }).click();
    const updates = async () => (await (await api("getUpdates", {})).json()).result;
    await expect.poll(async () => (await updates()).at(-1).callback_query?.data).toBe("more");
    await api("answerCallbackQuery", { callback_query_id: (await updates()).at(-1).callback_query.id, text: "Noted" });
    await page.getByText("Noted").waitFor();
  });

  test("a manager's link opens a form that makes the bot", async () => {
    const { telegram, url } = await start();
    telegram.createBot({ username: "manager_bot", name: "Manager", canManageBots: true });
    const page = await openPage(`${url}/?newbot=manager_bot/ada_helper_bot&name=Helper`);
    await page.getByRole("button", { name: "Create" }).click();
    await page.locator("#bot-name").getByText("Helper").waitFor();
    await page.locator("#back").click();
    await page.locator("#me").click();
    await page.locator("dialog[open] input").fill("Bob");
    await page.getByRole("button", { name: "Add" }).click();
    await page.getByText("user id 1002").waitFor();
  });
});

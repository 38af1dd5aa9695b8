import { readdir, readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterEach, describe, expect, test } from "vitest";
import { chromiumPath, launchChromium } from "#tests/browser/chromium.ts";
import { serve } from "../http/serve.ts";
import { createTelegram } from "./telegram.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start() {
  const telegram = createTelegram();
  const [chats, bots] = [await serve(telegram.chats), await serve(telegram.app)];
  closing.push(
    () => telegram.close(),
    () => chats.close(),
    () => bots.close(),
  );
  const post = (url: string, body: object) =>
    fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const api = (method: string, body: object) =>
    post(`${bots.url}/bot${telegram.demo.bot.token}/${method}`, { chat_id: 1001, parse_mode: "HTML", ...body });
  return { telegram, url: chats.url, post, api };
}

const HOSTILE = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
const ESCAPED = HOSTILE.replaceAll("<", "&lt;");
const ada = { userId: 1001, bot: "demo_agent_bot" };

test("the page is served with a policy that lets nothing foreign run", async () => {
  const { url } = await start();
  const page = await fetch(url);
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'; script-src 'self'");
  for (const [, address = ""] of (await page.text()).matchAll(/(?:src|href)="([^":]+)"/g)) {
    expect(address).not.toMatch(/^\//);
    expect((await fetch(`${url}/${address}`)).status).toBe(200);
  }
  expect((await fetch(`${url}/package.json`)).status).toBe(404);
  const folder = new URL("./page/", import.meta.url);
  const unsafe = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|createContextualFragment/;
  for (const name of await readdir(folder)) expect(await readFile(new URL(name, folder), "utf8")).not.toMatch(unsafe);
});

test("the page's own API explains what is wrong", async () => {
  const { url, post } = await start();
  const message = { user: 1001, bot: "demo_agent_bot", text: "hi" };
  const send = (change: object) =>
    post(`${url}/client/messages`, { ...message, ...change }).then((answer) => answer.json());
  expect(await send({})).toMatchObject({ text: "hi" });
  expect(await send({ bot: "nobody_bot" })).toEqual({ error: expect.stringContaining("there is no bot @nobody_bot") });
  expect(await send({ text: " " })).toEqual({ error: "Bad Request: message text is empty" });
});

test("pictures are shown as pictures, and everything else is for saving only", async () => {
  const { telegram, url } = await start();
  const upload = (name: string, mimeType: string) =>
    telegram.sendAsUser({ ...ada, file: { bytes: Buffer.from(HOSTILE), name, mimeType } });
  const [photo, document] = [upload("a.png", "image/png"), upload("a.html", "text/html")];
  const types = [photo.photo?.[0]?.file_id, document.document?.file_id].map(async (id) => {
    const { headers } = await fetch(`${url}/client/files/${id}`);
    return `${headers.get("content-type")} ${headers.get("content-disposition")}`;
  });
  expect(await Promise.all(types)).toEqual(["image/png inline", "application/octet-stream attachment"]);
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
    const reply_markup = { inline_keyboard: [[{ text: HOSTILE, callback_data: "x" }]] };
    await api("sendMessage", { text: `<b>${ESCAPED}</b>`, reply_parameters: { message_id: 1 }, reply_markup });
    await api("setMyCommands", { commands: [{ command: "x", description: HOSTILE }] });
    const page = await openPage(`${url}/?bot=demo_agent_bot`);
    await page.locator(".message").nth(1).waitFor();
    await page.fill("#text", "/");
    await page.locator("#commands button").waitFor();
    expect(await page.locator(".message .text").allTextContents()).toEqual([HOSTILE, HOSTILE]);
    expect(await page.locator(".message img, .message script, #commands img, #chats img").count()).toBe(0);
    expect(await page.title()).not.toBe("owned");
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  });

  test("a person starts a bot, writes, sends a file, sees it type and answer, and presses a button", async () => {
    const { telegram, url, api } = await start();
    const said = () => telegram.messagesWith(1001, "demo_agent_bot").at(-1);
    const page = await openPage(`${url}/?bot=demo_agent_bot`);
    await page.click("#start");
    await expect.poll(said).toMatchObject({ text: "/start" });
    await page.fill("#text", "hello");
    await page.press("#text", "Enter");
    await expect.poll(said).toMatchObject({ text: "hello" });
    await page.setInputFiles("#file", { name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("text") });
    await page.click("#send");
    await expect.poll(said).toMatchObject({ document: { file_name: "a.txt" } });
    await api("sendChatAction", { action: "typing" });
    await page.getByText("typing…").waitFor();
    const reply_markup = { inline_keyboard: [[{ text: "More", callback_data: "more" }]] };
    await api("sendMessage", { text: "Hello", reply_markup });
    await api("editMessageText", { message_id: 4, text: "Hello <b>Ada</b>", reply_markup });
    await page.locator(".theirs b").getByText("Ada", { exact: true }).waitFor();
    await page.getByRole("button", { name: "More" }).click();
    const updates = async () => (await (await api("getUpdates", {})).json()).result;
    await expect.poll(async () => (await updates()).at(-1).callback_query?.data).toBe("more");
  });

  test("a new person is added, and chats as another one", async () => {
    const { telegram, url } = await start();
    const page = await openPage(`${url}/`);
    page.on("dialog", (dialog) => dialog.accept("Bob"));
    await page.selectOption("#me", "new");
    await expect.poll(() => page.inputValue("#me")).toBe("1002");
    await page.getByText("Demo Agent").click();
    await page.click("#start");
    await expect.poll(() => telegram.messagesWith(1002, "demo_agent_bot")).toMatchObject([{ text: "/start" }]);
  });
});

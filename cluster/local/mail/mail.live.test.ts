/** The stand-in against Resend's documented shapes, with the mail that the product sends. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Served, serve } from "../http/serve.ts";
import { createMail, type Mail } from "./mail.ts";

const letter = { from: "Cloud <hello@cloud.test>", to: ["ada@example.com"], subject: "Your agent is live", text: "Hi" };
const HOUR = 60 * 60 * 1000;
let now: number;
let mail: Mail;
let served: Served;

beforeEach(() => {
  now = Date.UTC(2026, 0, 1);
});
beforeAll(async () => {
  mail = createMail({ apiKey: "re_right", now: () => now });
  served = await serve(mail.app);
});
afterAll(async () => {
  await served.close();
  await mail.close();
});

async function send(body: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(`${served.url}/emails`, {
    method: "POST",
    headers: { authorization: "Bearer re_right", "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

test("sends", async () => {
  const { status, body } = await send(letter);
  expect(status).toBe(200);
  expect(body).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  expect(mail.messages().at(-1)).toEqual({ ...letter, id: body.id, sentAt: now });
});

test("the same key sends once in 24 hours; another mail under it is a conflict", async () => {
  const key = { "idempotency-key": "ready/1" };
  const first = await send(letter, key);
  const before = mail.messages().length;
  now += 24 * HOUR - 1;
  expect(await send(letter, key)).toEqual(first);
  const conflict = await send({ ...letter, subject: "Other" }, key);
  expect(conflict).toMatchObject({ status: 409, body: { statusCode: 409, name: "invalid_idempotent_request" } });
  expect(mail.messages()).toHaveLength(before);
  now += 1;
  await send(letter, key);
  await send(letter);
  expect(mail.messages()).toHaveLength(before + 2);
});

test.each([
  ["to", undefined],
  ["to", "ada@example.com"],
  ["to", []],
  ["to", ["nobody"]],
  ["to", ["a@b.test, c@d.test"]],
  ["from", "Cloud <hello>"],
  ["from", "Cloud <hello@cloud.test"],
  ["subject", ""],
  ["text", undefined],
  ["html", "<p>Hi</p>"],
])("refuses a mail whose %s is %j", async (field, value) => {
  const before = mail.messages().length;
  expect(await send({ ...letter, [field]: value })).toEqual({
    status: 422,
    body: { statusCode: 422, name: "validation_error", message: expect.stringContaining(field) },
  });
  expect(mail.messages()).toHaveLength(before);
});

test("what else is wrong is told in Resend's form", async () => {
  expect(await send("{")).toMatchObject({ status: 422, body: { name: "validation_error" } });
  const stranger = await send(letter, { authorization: "Bearer re_wrong" });
  expect(stranger).toMatchObject({ status: 403, body: { statusCode: 403, name: "invalid_api_key" } });
  const elsewhere = await fetch(`${served.url}/domains`, { method: "POST" });
  expect(await elsewhere.json()).toMatchObject({ statusCode: 404, name: "not_found" });
});

describe("the inbox", () => {
  const page = async (from: Mail) => (await from.app.request("/")).text();

  test("is there before any mail is", async () => {
    expect(await page(createMail({ apiKey: "x" }))).toContain("No mail yet");
  });

  test("shows the newest first, escaped, its web addresses as links", async () => {
    await send({ ...letter, subject: "First" });
    await send({ ...letter, subject: "<b>Second</b>", text: 'Open https://t.me/my_bot?start=1. Not <i>"soft"</i>' });
    const html = await page(mail);
    expect(html).toContain('<a href="https://t.me/my_bot?start=1" target="_blank" rel="noreferrer">');
    expect(html).toContain("&lt;b&gt;Second");
    expect(html).not.toMatch(/<b>|<i>/);
    expect(html.indexOf("Second")).toBeLessThan(html.indexOf("First"));
  });
});

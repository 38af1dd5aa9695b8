import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { mount } from "../http/mount.ts";
import { type Served, serve } from "../http/serve.ts";
import { createMail, type Mail } from "./mail.ts";

const letter = { from: "Cloud <hello@cloud.test>", to: ["ada@example.com"], subject: "Your agent is live", text: "Hi" };

describe("Resend's API as it is documented", () => {
  let mail: Mail;
  let served: Served;

  beforeAll(async () => {
    mail = createMail({ apiKey: "re_right" });
    const all = mount({ mail });
    served = await serve(all.app);
  });
  afterAll(async () => {
    await served.close();
    await mail.close();
  });

  async function call(path: string, body?: unknown, headers: Record<string, string> = {}) {
    const answer = await fetch(`${served.url}/mail${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: "Bearer re_right", "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return { status: answer.status, body: await answer.json() };
  }

  test("sends, and tells what was sent", async () => {
    const { status, body } = await call("/emails", letter);
    expect(status).toBe(200);
    expect(body).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    const { body: found } = await call(`/emails/${body.id}`);
    expect(found).toMatchObject({ object: "email", ...letter, id: body.id, html: null, last_event: "delivered" });
    expect(mail.messages().at(-1)).toMatchObject({ id: body.id, subject: letter.subject });
  });

  test("the same key and body send once, another body is a conflict", async () => {
    const headers = { "idempotency-key": "ready/1" };
    const first = await call("/emails", letter, headers);
    const before = mail.messages().length;
    expect(await call("/emails", letter, headers)).toEqual(first);
    expect(mail.messages()).toHaveLength(before);
    expect(await call("/emails", { ...letter, subject: "Other" }, headers)).toEqual({
      status: 409,
      body: {
        statusCode: 409,
        name: "invalid_idempotent_request",
        message: "Same idempotency key used with a different request payload.",
      },
    });
    expect((await call("/emails/batch", [letter], headers)).status).toBe(409);
  });

  test("a batch is sent as a whole or not at all", async () => {
    const { body } = await call("/emails/batch", [letter, { ...letter, subject: "Second" }]);
    expect(body.data).toHaveLength(2);
    expect(mail.messages().at(-1)).toMatchObject({ id: body.data[1].id, subject: "Second" });
    const before = mail.messages().length;
    expect(await call("/emails/batch", [letter, { ...letter, to: "nobody" }])).toMatchObject({
      status: 422,
      body: { name: "validation_error", message: expect.stringContaining("Invalid `to` field.") },
    });
    expect(mail.messages()).toHaveLength(before);
    for (const wrong of [[], {}, Array.from({ length: 101 }, () => letter), [{ ...letter, scheduled_at: "now" }]]) {
      expect((await call("/emails/batch", wrong)).status).toBe(422);
    }
  });

  test("what is wrong is told in Resend's shape", async () => {
    const missing = { statusCode: 422, name: "missing_required_field", message: "Missing `to` field." };
    expect(await call("/emails", { ...letter, to: undefined })).toEqual({ status: 422, body: missing });
    expect(await call("/emails", "{")).toMatchObject({ status: 422, body: { name: "validation_error" } });
    expect(await call("/emails/unknown")).toMatchObject({ status: 404, body: { statusCode: 404, name: "not_found" } });
    expect(await call("/domains")).toMatchObject({ status: 404, body: { name: "not_found" } });
    expect(await call("/emails", letter, { authorization: "" })).toMatchObject({
      status: 401,
      body: { name: "missing_api_key" },
    });
    expect(await call("/emails", letter, { authorization: "Bearer re_wrong" })).toMatchObject({
      status: 403,
      body: { name: "invalid_api_key" },
    });
  });
});

describe("the inbox", () => {
  let mail: Mail;
  const page = async (path: string) => {
    const answer = await mount({ mail }).app.request(`http://localhost/mail${path}`);
    return { answer, html: await answer.text() };
  };
  const send = async (changes: object): Promise<string> => {
    const answer = await mail.app.request("/emails", {
      method: "POST",
      headers: { authorization: "Bearer re_right" },
      body: JSON.stringify({ ...letter, ...changes }),
    });
    return (await answer.json()).id;
  };
  beforeEach(() => {
    mail = createMail({ apiKey: "re_right" });
  });

  test("is there before any mail is, with links that start below its mount", async () => {
    for (const path of ["", "/"]) {
      const { answer, html } = await page(path);
      expect(answer.status).toBe(200);
      expect(html).toContain("No mail yet");
      expect(html).toContain('<base href="/mail/">');
    }
    expect(await (await mail.app.request("/")).text()).toContain('<base href="/">');
  });

  test("lists the newest first, and escapes what senders wrote", async () => {
    await send({ subject: "First" });
    const id = await send({ subject: "<script>alert(1)</script>", text: "Second & last" });
    const { html } = await page("/inbox/list");
    expect(html).not.toContain("<script>");
    expect(html).toContain("&lt;script&gt;");
    expect(html.indexOf(`inbox/${id}`)).toBeLessThan(html.indexOf("First"));
    expect(html).toContain("Second &amp; last");
  });

  test("shows a text with its links", async () => {
    const id = await send({ text: 'Open https://t.me/my_bot?start=1. Not <b>"bold"</b>' });
    const { html } = await page(`/inbox/${id}`);
    expect(html).toContain('<a href="https://t.me/my_bot?start=1" target="_blank" rel="noreferrer">');
    expect(html).not.toContain("<b>");
    expect(html).not.toContain("<iframe");
  });

  test("shows HTML in a frame that can run nothing", async () => {
    const id = await send({ text: undefined, html: "<h1>Hello</h1><script>alert(1)</script>" });
    const { html } = await page(`/inbox/${id}`);
    expect(html).toContain(`<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" src="inbox/${id}/html"`);
    expect(html).not.toContain("<h1>Hello</h1>");
    const framed = await page(`/inbox/${id}/html`);
    const policy = framed.answer.headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/^sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none';/);
    expect(policy).not.toMatch(/allow-scripts|allow-same-origin|script-src/);
    expect(framed.html).toBe('<base target="_blank"><h1>Hello</h1><script>alert(1)</script>');
  });

  test("says so when a message isn't there", async () => {
    expect((await page("/inbox/unknown")).answer.status).toBe(404);
  });
});

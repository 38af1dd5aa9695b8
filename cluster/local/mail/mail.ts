import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import * as z from "zod";
import type { StandIn } from "../http/stand-in.ts";
import { Email, type Message } from "./email.ts";
import { inboxPage } from "./inbox-page.ts";

export interface MailOptions {
  /** The bearer token that senders need. */
  apiKey: string;
  /** Milliseconds since 1970. */
  now?: (() => number) | undefined;
}

export interface Mail extends StandIn {
  /** What was sent, the oldest first. */
  messages(): Message[];
}

/** The inbox holds the newest. */
const KEPT = 500;
const KEY_KEPT_MS = 24 * 60 * 60 * 1000;

/** The stand-in for Resend: sends one mail to one person, and shows it on an inbox page. */
export function createMail({ apiKey, now = Date.now }: MailOptions): Mail {
  const messages: Message[] = [];
  const sent = new Map<string, { payload: string; id: string; at: number }>();
  const app = new Hono();

  app.post("/emails", async (c) => {
    if (c.req.header("authorization") !== `Bearer ${apiKey}`) {
      return refuse(c, 403, "invalid_api_key", "API key is invalid.");
    }
    const email = Email.safeParse(await c.req.json().catch(() => undefined));
    if (!email.success) return refuse(c, 422, "validation_error", z.prettifyError(email.error));
    const key = c.req.header("idempotency-key") ?? randomUUID();
    const payload = JSON.stringify(email.data);
    const before = sent.get(key);
    if (before && now() - before.at < KEY_KEPT_MS) {
      if (before.payload === payload) return c.json({ id: before.id });
      const conflict = "Same idempotency key used with a different request payload.";
      return refuse(c, 409, "invalid_idempotent_request", conflict);
    }
    const id = randomUUID();
    messages.push({ id, ...email.data, sentAt: now() });
    messages.splice(0, messages.length - KEPT);
    sent.set(key, { payload, id, at: now() });
    return c.json({ id });
  });
  app.post("/*", (c) => refuse(c, 404, "not_found", "The requested endpoint does not exist."));
  app.get("/*", (c) => c.html(inboxPage(messages.toReversed())));
  return { app, messages: () => [...messages], close: async () => {} };
}

/** In Resend's form. Source: https://resend.com/docs/api-reference/errors */
const refuse = (c: Context, statusCode: 403 | 404 | 409 | 422, name: string, message: string): Response =>
  c.json({ statusCode, name, message }, statusCode);

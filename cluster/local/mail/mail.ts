import { Hono } from "hono";
import type { StandIn } from "../http/stand-in.ts";
import { emailsApi } from "./emails-api.ts";
import { Idempotency } from "./idempotency.ts";
import { inbox } from "./inbox.ts";
import { MailError, notFound } from "./mail-error.ts";
import { Mailbox } from "./mailbox.ts";
import type { Message } from "./message.ts";

export interface MailOptions {
  /** What senders must send as bearer. */
  apiKey: string;
  /** Milliseconds since 1970. */
  now?: (() => number) | undefined;
}

export interface Mail extends StandIn {
  /** What was sent, the oldest first. */
  messages(): Message[];
}

/** Resend as this machine can run it: `/emails`, and an inbox at `/` instead of the world's. */
export function createMail({ apiKey, now = Date.now }: MailOptions): Mail {
  const mailbox = new Mailbox(now);
  const app = new Hono();
  app.route("/emails", emailsApi(mailbox, new Idempotency(now), apiKey));
  app.route("/", inbox(mailbox));
  app.all("/*", () => {
    throw notFound("The requested endpoint does not exist.");
  });
  app.onError((error, c) => {
    const known =
      error instanceof MailError ? error : new MailError(500, "internal_server_error", "An unexpected error occurred.");
    return c.json(known.toJSON(), known.status);
  });
  return { app, messages: () => mailbox.all(), close: async () => {} };
}

/** Mail through Resend's API. Without RESEND_API_KEY or MAIL_FROM nothing is sent. */
import type { Config } from "../config.ts";

const TIMEOUT_MS = 5_000;

export interface Letter {
  to: string;
  subject: string;
  text: string;
  /** A key sends one mail however often it is used (Resend keeps it for 24 hours). */
  idempotencyKey: string;
}

export interface Mail {
  /** Throws if the service does not accept the mail. */
  send(letter: Letter): Promise<void>;
}

export function createMail(config: Pick<Config, "RESEND_API_KEY" | "RESEND_BASE_URL" | "MAIL_FROM">): Mail {
  return {
    send: async ({ idempotencyKey, ...letter }) => {
      if (!config.RESEND_API_KEY || !config.MAIL_FROM) return;
      const response = await fetch(`${config.RESEND_BASE_URL}/emails`, {
        method: "POST",
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          authorization: `Bearer ${config.RESEND_API_KEY}`,
          "content-type": "application/json",
          "idempotency-key": idempotencyKey,
        },
        body: JSON.stringify({ from: config.MAIL_FROM, ...letter, to: [letter.to] }),
      });
      if (!response.ok) throw new Error(`The mail service answered ${response.status}`);
    },
  };
}

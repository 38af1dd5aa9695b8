import { MailError } from "./mail-error.ts";

const KEPT_MS = 24 * 60 * 60 * 1000;
const MAX_KEY = 256;

interface Remembered {
  payload: string;
  answer: unknown;
  at: number;
}

/**
 * Gives a repeated request its first answer, for 24 hours.
 * Source: https://resend.com/docs/dashboard/emails/idempotency-keys
 */
export class Idempotency {
  readonly #now: () => number;
  readonly #remembered = new Map<string, Remembered>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param payload what has to be the same under one key. @throws MailError 400 and 409, and what `send` throws */
  once<Answer>(key: string | undefined, payload: string, send: () => Answer): Answer {
    if (key === undefined) return send();
    if (key.length === 0 || key.length > MAX_KEY) {
      throw new MailError(400, "invalid_idempotency_key", "The key must be between 1-256 chars.");
    }
    const before = this.#remembered.get(key);
    if (before && this.#now() - before.at < KEPT_MS) return sameAnswer<Answer>(before, payload);
    const answer = send();
    this.#remembered.set(key, { payload, answer, at: this.#now() });
    return answer;
  }
}

/** Equal payloads went through the same `send`, so the answer has its type. */
function sameAnswer<Answer>(before: Remembered, payload: string): Answer {
  if (before.payload === payload) return before.answer as Answer;
  const message = "Same idempotency key used with a different request payload.";
  throw new MailError(409, "invalid_idempotent_request", message);
}

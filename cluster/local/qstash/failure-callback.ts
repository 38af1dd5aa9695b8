import { type Message, newMessage, type Outcome } from "./message.ts";

/**
 * The message that tells of one that was given up, if its publisher asked for it.
 * Source: https://upstash.com/docs/qstash/features/callbacks
 */
export function failureCallback(message: Message, outcome: Outcome, now: number): Message | undefined {
  const { failureCallback: url, retries } = message;
  if (url === undefined) return undefined;
  const body = {
    status: outcome.status,
    body: toBase64(outcome.body),
    url: message.url,
    sourceMessageId: message.messageId,
    sourceBody: toBase64(message.body),
    retried: message.retried,
    maxRetries: message.retries,
  };
  return newMessage({ url, body: JSON.stringify(body), retries }, now);
}

const toBase64 = (text: string): string => Buffer.from(text).toString("base64");

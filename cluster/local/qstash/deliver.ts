import type { Message, Outcome } from "./message.ts";
import { signDelivery } from "./sign-delivery.ts";

const TIMEOUT_MS = 15 * 60_000;

/**
 * One attempt: the request as QStash makes it, and what came of it. Never throws: whatever goes wrong on the way is an
 * outcome with status 0.
 */
export async function deliver(
  message: Message,
  signer: { key: string; now: number },
  stop: AbortSignal,
): Promise<Outcome> {
  try {
    const response = await fetch(message.url, {
      method: "POST",
      body: message.body,
      headers: {
        "content-type": "application/json",
        "upstash-message-id": message.messageId,
        "upstash-retried": String(message.retried),
        "upstash-signature": await signDelivery(signer.key, message.url, message.body, signer.now),
      },
      redirect: "manual",
      signal: AbortSignal.any([stop, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
  } catch (error) {
    // The cause is more precise than fetch's own "fetch failed".
    const reason = error instanceof Error && error.cause ? error.cause : error;
    return { status: 0, headers: {}, body: String(reason) };
  }
}

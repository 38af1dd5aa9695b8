/** One attempt to deliver a message: the request as QStash makes it, and what came of it. */

import type { Clock } from "./clock.ts";
import type { Message, Outcome } from "./message.ts";
import { canonical } from "./read-settings.ts";
import { signDelivery } from "./sign.ts";

export interface Delivery {
  message: Message;
  signingKey: string;
  clock: Clock;
  fetch: typeof fetch;
  timeScale: number;
  /** Gives the attempt up: the server stops. */
  signal: AbortSignal;
}

/** Of a response, this much is kept for callbacks, logs and the dead letter queue. */
const MAX_RESPONSE_BYTES = 1_048_576;
/** Described by the connection, not by the message: forwarding them would break the request. */
const CONNECTION_HEADERS = [
  "host",
  "content-length",
  "connection",
  "transfer-encoding",
  "keep-alive",
  "upgrade",
  "expect",
];

/** Never throws: whatever goes wrong on the way is an outcome with status 0. */
export async function deliver(delivery: Delivery): Promise<Outcome> {
  const timeout = new AbortController();
  const { clock, message } = delivery;
  const cancelTimeout = clock.after(message.settings.timeoutMs * delivery.timeScale, () => timeout.abort());
  try {
    return await attempt(delivery, AbortSignal.any([timeout.signal, delivery.signal]));
  } catch (error) {
    return failure(timeout.signal.aborted ? "the destination did not answer in time" : describe(error));
  } finally {
    cancelTimeout();
  }
}

async function attempt({ message, signingKey, clock, fetch }: Delivery, signal: AbortSignal): Promise<Outcome> {
  const { method } = message.settings;
  // fetch allows no body on a GET; the signature is over what is really sent.
  const body = method === "GET" ? Buffer.alloc(0) : Buffer.from(message.bodyBase64, "base64");
  const headers = requestHeaders(message);
  headers.set("Upstash-Signature", await signDelivery(signingKey, message.url, body, clock.now()));
  const response = await fetch(message.url, {
    method,
    headers,
    redirect: "manual",
    signal,
    ...(method !== "GET" && { body }),
  });
  return {
    status: response.status,
    header: Object.fromEntries([...response.headers].map(([name, value]) => [canonical(name), [value]])),
    bodyBase64: (await readStart(response)).toString("base64"),
  };
}

function requestHeaders(message: Message): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(message.settings.header)) {
    if (CONNECTION_HEADERS.includes(name.toLowerCase())) continue;
    for (const value of values) headers.append(name, value);
  }
  headers.set("User-Agent", "Upstash-QStash");
  headers.set("Upstash-Message-Id", message.messageId);
  headers.set("Upstash-Retried", String(message.retried));
  headers.set("Upstash-Caller-Ip", message.callerIp);
  headers.set("Upstash-Region", "EU_CENTRAL_1");
  if (message.topicName) headers.set("Upstash-Topic-Name", message.topicName);
  if (message.scheduleId) headers.set("Upstash-Schedule-Id", message.scheduleId);
  return headers;
}

async function readStart(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    chunks.push(part.value);
    size += part.value.length;
    if (size >= MAX_RESPONSE_BYTES) break;
  }
  await reader?.cancel();
  return Buffer.concat(chunks).subarray(0, MAX_RESPONSE_BYTES);
}

const failure = (error: string): Outcome => ({ status: 0, header: {}, bodyBase64: "", error });

/** The cause says more than fetch's own "fetch failed". */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

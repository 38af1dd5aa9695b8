import { type Client, Receiver } from "@upstash/qstash";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Destination, startDestination } from "./testing/destination.ts";
import { type Running, startQStash } from "./testing/running.ts";

let qstash: Running;
let destination: Destination;
let client: Client;

beforeEach(async () => {
  destination = await startDestination();
  qstash = await startQStash();
  client = qstash.client;
});

afterEach(async () => {
  await qstash.close();
  await destination.close();
});

const receiver = (keys: { current: string; next: string }) =>
  new Receiver({ currentSigningKey: keys.current, nextSigningKey: keys.next, devMode: false });

test("a published message arrives once, as QStash sends it, with a signature that the SDK's receiver accepts", async () => {
  const url = `${destination.url}/hook/a%20b?x=1&y=%2F`;
  const { messageId } = await client.publishJSON({ url, body: { job: 1 }, headers: { "X-Job": "one" } });
  await qstash.idle();

  expect(destination.requests).toHaveLength(1);
  const [request] = destination.requests;
  expect(request).toMatchObject({ method: "POST", path: "/hook/a%20b?x=1&y=%2F", body: '{"job":1}' });
  expect(request?.headers).toMatchObject({
    "content-type": "application/json",
    "user-agent": "Upstash-QStash",
    "upstash-message-id": messageId,
    "upstash-retried": "0",
    "upstash-caller-ip": "127.0.0.1",
    "x-job": "one",
  });
  const signature = request?.headers["upstash-signature"] ?? "";
  await expect(receiver(qstash.keys).verify({ signature, body: '{"job":1}', url })).resolves.toBe(true);
  const decoded = decodeURIComponent(url);
  await expect(receiver(qstash.keys).verify({ signature, body: '{"job":1}', url: decoded })).rejects.toThrow("subject");
  await expect(receiver(qstash.keys).verify({ signature, body: '{"job":2}', url })).rejects.toThrow("body hash");
  const strangers = receiver({ current: "sig_a", next: "sig_b" });
  await expect(strangers.verify({ signature, body: '{"job":1}', url })).rejects.toThrow("signature");
});

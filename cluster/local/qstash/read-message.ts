/** Source: https://upstash.com/docs/qstash/api-reference/messages/publish-a-message */
import * as z from "zod";
import { type Message, newMessage } from "./message.ts";
import { parseRetryDelay } from "./next-step.ts";

const Destination = z.url({
  protocol: /^https?$/,
  error: "endpoint has invalid scheme, add http:// or https:// in front of it",
});

/** The headers that the product sends. Any other is refused, because ignoring it would hide a bug. */
const Settings = z.strictObject({
  "upstash-method": z.literal("POST").optional(),
  "upstash-delay": z.stringFormat("delay", /^\d{1,6}s$/).default("0s"),
  "upstash-retries": z.stringFormat("retries", /^[0-5]$/).default("3"),
  "upstash-retry-delay": z.stringFormat("retry delay", (text) => parseRetryDelay(text) !== undefined).optional(),
  "upstash-failure-callback": Destination.optional(),
  "upstash-deduplication-id": z.string().optional(),
});

/** @param destination as it stands in the address, still percent-encoded. @throws ZodError */
export function readMessage(destination: string, headers: Headers, body: string, now: number): Message {
  const own = [...headers].filter(([name]) => name.startsWith("upstash-"));
  const settings = Settings.parse(Object.fromEntries(own));
  const wanted = {
    url: Destination.parse(destination),
    body,
    retries: Number(settings["upstash-retries"]),
    retryDelay: settings["upstash-retry-delay"],
    failureCallback: settings["upstash-failure-callback"],
    deduplicationId: settings["upstash-deduplication-id"],
    dueAt: now + Number.parseInt(settings["upstash-delay"], 10) * 1_000,
  };
  return newMessage(wanted, now);
}

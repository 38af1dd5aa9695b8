/** From a request to messages: checked first, kept second, so that a batch is taken whole or not at all. */
import type { Core } from "./core.ts";
import { contentKey } from "./dedup.ts";
import { newId } from "./ids.ts";
import type { Message, Settings } from "./message.ts";
import { qstashError } from "./qstash-error.ts";
import { requireQueue } from "./queues.ts";
import { isHttpUrl, readSettings } from "./read-settings.ts";
import type { Service } from "./service.ts";

export interface PublishInput {
  /** A URL or the name of a URL group, exactly as it was sent. */
  destination: string;
  headers: Headers;
  bodyBase64: string;
  queueName?: string | undefined;
  callerIp: string;
}

export interface Published {
  messageId: string;
  url?: string;
  deduplicated?: true;
}

export interface Draft {
  message: Message;
  dedupKey: string | undefined;
}

/** One destination's draft, or one for each endpoint of a group. */
export type Drafts = Draft | Draft[];

/** Free and pay-as-you-go plan. */
const MAX_MESSAGE_BYTES = 1_048_576;

/** @throws the error that QStash answers with, before anything is kept. */
export function draft(core: Core, input: PublishInput): Drafts {
  if (Buffer.byteLength(input.bodyBase64, "base64") > MAX_MESSAGE_BYTES) {
    throw qstashError(413, `message is larger than ${MAX_MESSAGE_BYTES} bytes`);
  }
  const settings = readSettings(input.headers);
  const key = dedupKeyOf(input, settings);
  if (isHttpUrl(input.destination)) {
    return { message: newMessage(core, settings, { ...input, url: input.destination }), dedupKey: key };
  }
  return endpointsOf(core, input.destination).map(({ url, name }) => ({
    message: newMessage(core, settings, { ...input, url, topicName: input.destination, endpointName: name }),
    dedupKey: key && `${key}|${url}`,
  }));
}

/** Keeps the drafts that are new; a duplicate is answered with the message it repeats. */
export function commit(service: Service, drafts: Drafts): Published | Published[] {
  if (!Array.isArray(drafts)) return commitOne(service, drafts);
  return drafts.map((one) => ({ ...commitOne(service, one), url: one.message.url }));
}

function commitOne({ core, dispatcher }: Service, { message, dedupKey }: Draft): Published {
  const known = dedupKey === undefined ? undefined : core.dedup.find(dedupKey);
  if (known !== undefined) return { messageId: known, deduplicated: true };
  if (message.queueName !== undefined) requireQueue(core, message.queueName);
  // The message first: a crash in between must cost a duplicate, not the message.
  dispatcher.accept([message]);
  if (dedupKey !== undefined) core.dedup.remember(dedupKey, message.messageId);
  return { messageId: message.messageId };
}

type Origin = Pick<Message, "url" | "bodyBase64" | "callerIp"> &
  Partial<Pick<Message, "topicName" | "endpointName" | "queueName" | "scheduleId">>;

/** A message that is delivered as its settings say, counted from now. */
export function newMessage(core: Core, settings: Settings, origin: Origin): Message {
  const now = core.clock.now();
  const notBefore = settings.notBefore ?? now + settings.delayMs;
  return {
    messageId: newId("msg"),
    url: origin.url,
    topicName: origin.topicName,
    endpointName: origin.endpointName,
    bodyBase64: origin.bodyBase64,
    settings,
    createdAt: now,
    notBefore,
    dueAt: now + Math.max(0, notBefore - now) * core.timeScale,
    queueName: origin.queueName,
    scheduleId: origin.scheduleId,
    callerIp: origin.callerIp,
    retried: 0,
  };
}

/** @throws 400 where the name is neither a URL nor a known group. */
export function endpointsOf(core: Core, name: string): { url: string; name?: string | undefined }[] {
  const group = core.urlGroups.get(name);
  if (group) return group.endpoints;
  throw qstashError(
    400,
    "invalid destination url: endpoint has invalid scheme, add http:// or https:// in front of it",
  );
}

/** The id wins where both are asked for. */
function dedupKeyOf({ headers, destination, bodyBase64 }: PublishInput, settings: Settings): string | undefined {
  const id = headers.get("upstash-deduplication-id");
  if (id) return `id:${id}`;
  if (headers.get("upstash-content-based-deduplication") !== "true") return undefined;
  return `content:${contentKey(destination, bodyBase64, settings)}`;
}

/** Messages and their like as QStash's API shows them. What is undefined is left out of the JSON. */
import { createHash } from "node:crypto";
import type { Event } from "./events.ts";
import type { FlowControl, FlowKey } from "./flow-control.ts";
import type { DeadMessage, Message, Schedule, Settings } from "./message.ts";

type Json = Record<string, unknown>;

export function showMessage(message: Message): Json {
  return {
    messageId: message.messageId,
    url: message.url,
    topicName: message.topicName,
    endpointName: message.endpointName,
    ...showSettings(message.settings),
    ...showBody("body", message.bodyBase64, message.settings.redact.includes("body")),
    maxRetries: message.settings.retries,
    notBefore: message.notBefore,
    createdAt: message.createdAt,
    queueName: message.queueName,
    scheduleId: message.scheduleId,
    callerIP: message.callerIp,
  };
}

export function showDeadMessage({ dlqId, message, outcome }: DeadMessage): Json {
  return {
    ...showMessage(message),
    dlqId,
    responseStatus: outcome.status || undefined,
    responseHeader: outcome.header,
    ...showBody("responseBody", Buffer.from(outcome.error ?? "").toString("base64") || outcome.bodyBase64),
  };
}

export function showSchedule(schedule: Schedule): Json {
  return {
    scheduleId: schedule.scheduleId,
    cron: schedule.cron,
    destination: schedule.destination,
    createdAt: schedule.createdAt,
    ...showSettings(schedule.settings),
    ...showBody("body", schedule.bodyBase64, schedule.settings.redact.includes("body")),
    retries: schedule.settings.retries,
    delay: schedule.settings.delayMs / 1_000 || undefined,
    queueName: schedule.queueName,
    callerIP: schedule.callerIp,
    isPaused: schedule.isPaused,
    lastScheduleTime: schedule.lastScheduleTime,
    nextScheduleTime: schedule.nextScheduleTime,
  };
}

export function showEvent({ time, state, message, nextDeliveryTime, outcome }: Event): Json {
  const { settings } = message;
  return {
    ...showMessage(message),
    time,
    state,
    // Here the body is base64 whatever it holds.
    body: settings.redact.includes("body") ? redacted(message.bodyBase64) : message.bodyBase64,
    bodyBase64: undefined,
    nextDeliveryTime,
    timeout: settings.timeoutMs,
    callbackHeaders: settings.callback?.settings.header,
    failureCallbackHeaders: settings.failureCallback?.settings.header,
    ...(outcome && {
      error: outcome.error ?? `the destination answered ${outcome.status}`,
      responseStatus: outcome.status || undefined,
      responseBody: outcome.bodyBase64,
      responseHeaders: outcome.header,
    }),
  };
}

export function showFlowKey(flow: FlowControl, key: FlowKey): Json {
  const usage = flow.usage(key.key);
  return {
    flowControlKey: key.key,
    parallelismMax: key.parallelism ?? 0,
    parallelismCount: usage.running,
    rateMax: key.rate ?? 0,
    rateCount: key.rate === undefined ? 0 : usage.started,
    ratePeriod: key.rate === undefined ? 0 : key.periodSeconds,
    ratePeriodStart: Math.floor(usage.periodStart / 1_000),
    isPaused: key.paused,
    isPinnedParallelism: key.pinnedParallelism,
    isPinnedRate: key.pinnedRate,
  };
}

function showSettings(settings: Settings): Json {
  const { flowControl, labels } = settings;
  return {
    method: settings.method,
    header: showHeader(settings),
    retryDelayExpression: settings.retryDelay,
    callback: settings.callback?.url,
    failureCallback: settings.failureCallback?.url,
    flowControlKey: flowControl?.key,
    parallelism: flowControl?.parallelism,
    rate: flowControl?.rate,
    period: flowControl?.rate === undefined ? undefined : flowControl.periodSeconds,
    label: labels[0],
    labels: labels.length > 0 ? labels : undefined,
  };
}

function showHeader({ header, redact }: Settings): Record<string, string[]> {
  const hidden = redact.map((part) => part.toLowerCase());
  const all = hidden.includes("header") || hidden.includes("headers");
  return Object.fromEntries(
    Object.entries(header).map(([name, values]) => [
      name,
      all || hidden.includes(`header[${name.toLowerCase()}]`) ? values.map(redacted) : values,
    ]),
  );
}

/** `name` where the bytes are UTF-8, else `nameBase64`. */
function showBody(name: string, base64: string, hide = false): Json {
  const bytes = Buffer.from(base64, "base64");
  if (hide) return { [name]: redacted(base64) };
  const text = bytes.toString("utf8");
  return Buffer.from(text).equals(bytes) ? { [name]: text } : { [`${name}Base64`]: base64 };
}

const redacted = (value: string): string => `REDACTED:${createHash("sha256").update(value).digest("hex")}`;

/** Callbacks are new messages that carry what the destination said. Source: docs "callbacks". */
import { newId } from "./ids.ts";
import type { CallbackTarget, Message, Outcome } from "./message.ts";

/** `dlqId`: only where the message has failed for good. */
export function callbackMessage(
  target: CallbackTarget,
  message: Message,
  outcome: Outcome,
  times: { now: number; dueAt: number },
  dlqId?: string,
): Message {
  const body = JSON.stringify(callbackBody(message, outcome, dlqId));
  return {
    messageId: newId("msg"),
    url: target.url,
    bodyBase64: Buffer.from(body).toString("base64"),
    settings: target.settings,
    createdAt: times.now,
    notBefore: times.dueAt,
    dueAt: times.dueAt,
    callerIp: message.callerIp,
    retried: 0,
    source:
      message.queueName === undefined ? undefined : { messageId: message.messageId, queueName: message.queueName },
  };
}

function callbackBody(message: Message, outcome: Outcome, dlqId: string | undefined): Record<string, unknown> {
  return {
    status: outcome.status,
    header: outcome.header,
    body: outcome.bodyBase64,
    retried: message.retried,
    maxRetries: message.settings.retries,
    dlqId,
    sourceMessageId: message.messageId,
    topicName: message.topicName,
    endpointName: message.endpointName,
    url: message.url,
    method: message.settings.method,
    sourceHeader: message.settings.header,
    sourceBody: message.bodyBase64,
    notBefore: message.notBefore,
    createdAt: message.createdAt,
    scheduleId: message.scheduleId,
    callerIP: message.callerIp,
  };
}

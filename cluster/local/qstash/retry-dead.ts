import type { DeadMessage } from "./message.ts";
import { newMessage } from "./publish.ts";
import { readSettings } from "./read-settings.ts";
import type { Service } from "./service.ts";

/**
 * A dead message becomes a new one with the same body and settings, delivered at once unless `headers` say otherwise
 * (they may change every setting), and leaves the queue.
 */
export function retryDead({ core, dispatcher }: Service, dead: DeadMessage, headers = new Headers()): string {
  const { settings, ...origin } = dead.message;
  const message = newMessage(core, readSettings(headers, { ...settings, delayMs: 0, notBefore: undefined }), origin);
  dispatcher.accept([message]);
  core.deadLetters.remove(dead.dlqId);
  return message.messageId;
}

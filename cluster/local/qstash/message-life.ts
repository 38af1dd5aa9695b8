/** What happens to a message: it is kept, delivered, tried again, given up or taken back. */
import { judge } from "./backoff.ts";
import { callbackMessage } from "./callbacks.ts";
import type { Core } from "./core.ts";
import { deliver } from "./deliver.ts";
import type { CallbackTarget, Message, Outcome } from "./message.ts";

export function keep(core: Core, message: Message): void {
  if (message.settings.flowControl) core.flow.configure(message.settings.flowControl);
  core.messages.set(message.messageId, message);
  core.events.add("CREATED", message);
}

/** False: it is gone already. */
export function takeBack(core: Core, messageId: string): boolean {
  const message = core.messages.get(messageId);
  if (!message) return false;
  core.events.add("CANCEL_REQUESTED", message);
  core.messages.delete(messageId);
  core.events.add("CANCELED", message);
  return true;
}

/** One delivery, and what comes of it: nothing where it was broken off, or the message taken back meanwhile. */
export async function attempt(core: Core, message: Message, signal: AbortSignal): Promise<void> {
  if (core.faults.strikes("drop")) {
    core.messages.delete(message.messageId);
    return;
  }
  const once = () => deliver({ ...core, message, signingKey: core.keyRing.keys().current, signal });
  let outcome = await once();
  if (outcome.status >= 200 && outcome.status < 300 && core.faults.strikes("duplicate")) outcome = await once();
  if (!signal.aborted && core.messages.get(message.messageId)) settle(core, message, outcome);
}

/** A callback follows every attempt, a failure callback the last one that failed. */
function settle(core: Core, message: Message, outcome: Outcome): void {
  const { callback, failureCallback } = message.settings;
  const now = core.clock.now();
  const verdict = judge(message, outcome, now);
  if (callback) keep(core, callbackFor(core, callback, message, outcome));
  if (verdict.kind !== "delivered") core.events.add("ERROR", message, { outcome });
  switch (verdict.kind) {
    case "delivered":
      core.messages.delete(message.messageId);
      core.events.add("DELIVERED", message);
      return;
    case "retry": {
      const dueAt = now + verdict.delayMs * core.timeScale;
      core.messages.set(message.messageId, { ...message, retried: message.retried + 1, dueAt });
      core.events.add("RETRY", message, { nextDeliveryTime: dueAt });
      return;
    }
    case "failed": {
      const { dlqId } = core.deadLetters.add(message, outcome, now);
      if (failureCallback) keep(core, callbackFor(core, failureCallback, message, outcome, dlqId));
      core.messages.delete(message.messageId);
      core.events.add("FAILED", message);
    }
  }
}

function callbackFor(core: Core, target: CallbackTarget, message: Message, outcome: Outcome, dlqId?: string): Message {
  const now = core.clock.now();
  const dueAt = now + target.settings.delayMs * core.timeScale;
  return callbackMessage(target, message, outcome, { now, dueAt }, dlqId);
}

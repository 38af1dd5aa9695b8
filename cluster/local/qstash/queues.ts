import type { Core } from "./core.ts";
import type { Queue } from "./message.ts";
import { notFound, qstashError } from "./qstash-error.ts";

const NAME = /^[A-Za-z0-9._-]+$/;

export function checkQueueName(name: string): string {
  if (NAME.test(name)) return name;
  throw qstashError(400, "queue names can only contain alphanumeric characters, hyphens, periods, and underscores");
}

/** Makes the queue where it does not exist yet: one at a time, not paused. */
export function requireQueue(core: Core, name: string): Queue {
  return core.queues.get(name) ?? upsertQueue(core, name, {});
}

export function upsertQueue(core: Core, name: string, change: Partial<Pick<Queue, "parallelism" | "paused">>): Queue {
  const now = core.clock.now();
  const old = core.queues.get(checkQueueName(name)) ?? { name, parallelism: 1, paused: false, createdAt: now };
  const queue = { ...old, ...change, updatedAt: now };
  core.queues.set(name, queue);
  return queue;
}

export function findQueue(core: Core, name: string): Queue {
  const queue = core.queues.get(checkQueueName(name));
  if (!queue) throw notFound("queue");
  return queue;
}

/** Messages of the queue that are not through yet. */
export function lagOf(core: Core, name: string): number {
  return [...core.messages.values()].filter((message) => message.queueName === name).length;
}

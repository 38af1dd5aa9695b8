import { describe, expect, test } from "vitest";
import { planDeliveries, type Waiting } from "./admission.ts";
import type { Queue } from "./message.ts";
import { message } from "./testing/sample.ts";

const plan = (waiting: Partial<Waiting>) => {
  const { start, lookAgainAt } = planDeliveries({
    messages: [],
    isRunning: () => false,
    capacity: 100,
    queue: () => undefined,
    admit: () => ({ admitted: true }),
    now: 1_000,
    ...waiting,
  });
  return { start: start.map(({ messageId }) => messageId), lookAgainAt };
};

const queue = (values: Partial<Queue>) => (name: string) => ({
  name,
  parallelism: 1,
  paused: false,
  createdAt: 0,
  updatedAt: 0,
  ...values,
});
const queued = (messageId: string, values = {}) => message(messageId, { queueName: "q", ...values });

test("what is due starts, what is not is looked at when the first of it is", () => {
  const messages = [message("a", { dueAt: 1_000 }), message("b", { dueAt: 3_000 }), message("c", { dueAt: 2_000 })];
  expect(plan({ messages })).toEqual({ start: ["a"], lookAgainAt: 2_000 });
});

test("what runs is not started again, and no more start than may run", () => {
  const messages = ["a", "b", "c", "d"].map((id) => message(id));
  expect(plan({ messages, isRunning: (id) => id === "a", capacity: 2 }).start).toEqual(["b", "c"]);
});

describe("a queue", () => {
  test("runs one at a time, in order", () => {
    const messages = [queued("a"), queued("b"), queued("c")];
    expect(plan({ messages }).start).toEqual(["a"]);
    expect(plan({ messages, isRunning: (id) => id === "a" }).start).toEqual([]);
  });

  test("waits behind a head that waits for its retry", () => {
    const messages = [queued("a", { dueAt: 9_000, retried: 1 }), queued("b")];
    expect(plan({ messages })).toEqual({ start: [], lookAgainAt: 9_000 });
  });

  test("runs as many as its parallelism", () => {
    const messages = ["a", "b", "c", "d"].map((id) => queued(id));
    expect(plan({ messages, queue: queue({ parallelism: 3 }) }).start).toEqual(["a", "b", "c"]);
  });

  test("starts nothing while it is paused, not even its retries", () => {
    const messages = [queued("a", { retried: 1 }), queued("b")];
    expect(plan({ messages, queue: queue({ paused: true }) })).toEqual({ start: [], lookAgainAt: undefined });
  });

  test("does not hold up another queue or no queue", () => {
    const messages = [queued("a", { dueAt: 9_000 }), message("b", { queueName: "other" }), message("c")];
    expect(plan({ messages }).start).toEqual(["b", "c"]);
  });

  test("waits for the callbacks of the message before, both counted as one", () => {
    const source = { messageId: "gone", queueName: "q" };
    const messages = [queued("b"), message("callback", { source }), message("failure callback", { source })];
    expect(plan({ messages }).start).toEqual(["callback", "failure callback"]);
    expect(plan({ messages, queue: queue({ parallelism: 2 }) }).start).toContain("b");
  });

  test("does not wait for the callback of an attempt whose message is still its head", () => {
    const messages = [queued("a"), message("callback", { source: { messageId: "a", queueName: "q" } })];
    expect(plan({ messages }).start).toEqual(["a", "callback"]);
  });
});

test("what flow control refuses waits without holding up others, until the time it names", () => {
  const messages = [message("a"), message("b"), message("c")];
  const admit: Waiting["admit"] = ({ messageId }) =>
    messageId === "a"
      ? { admitted: false, tryAt: 5_000 }
      : messageId === "b"
        ? { admitted: false }
        : { admitted: true };
  expect(plan({ messages, admit })).toEqual({ start: ["c"], lookAgainAt: 5_000 });
});

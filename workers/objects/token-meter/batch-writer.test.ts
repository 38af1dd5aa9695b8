import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { usageEvent } from "../../testing/usage-event.ts";
import { createBatchWriter, type Entry } from "./batch-writer.ts";

const event = (id: string) => usageEvent({ id, customerId: `customer of ${id}` });

/** A writer with recorded statements and a database controlled by the test. */
function start() {
  const statements: string[][] = [];
  const unwanted = new Set<string>();
  const fates = new Map<string, "written" | "returned">();
  let answer = async (): Promise<void> => undefined;
  const writer = createBatchWriter({
    gatherMs: () => 4_000,
    async record(events) {
      statements.push(events.map(({ id }) => id));
      await answer();
    },
  });
  const entry = (id: string): Entry => ({
    wanted: () => !unwanted.has(id),
    event: event(id),
    written: () => void fates.set(id, "written"),
    returned: () => void fates.set(id, "returned"),
  });
  return {
    statements,
    fates,
    unwanted,
    add: (...ids: string[]): void => {
      for (const id of ids) writer.enqueue(entry(id));
    },
    answerBy(next: () => Promise<void>) {
      answer = next;
    },
  };
}

const numbered = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => `e${from + i}`);

describe("the batch writer", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("writes what many have booked in one statement, four seconds after the first", async () => {
    const { add, statements, fates } = start();
    add("a");
    await vi.advanceTimersByTimeAsync(3_000);
    add("b", "c");
    expect(statements).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(statements).toEqual([["a", "b", "c"]]);
    expect([...fates.values()]).toEqual(["written", "written", "written"]);
  });

  it("starts anew with the next one", async () => {
    const { add, statements } = start();
    add("a");
    await vi.advanceTimersByTimeAsync(4_000);
    await vi.advanceTimersByTimeAsync(60_000);
    add("b");
    await vi.advanceTimersByTimeAsync(4_000);
    expect(statements).toEqual([["a"], ["b"]]);
  });

  it("waits no longer once a hundred are together, and takes no more than that into one statement", async () => {
    const { add, statements } = start();
    add(...numbered(250));
    await vi.advanceTimersByTimeAsync(0);
    expect(statements.map((ids) => ids.length)).toEqual([100, 100, 50]);
    // The first one's turn ended with it.
    await vi.advanceTimersByTimeAsync(10_000);
    expect(statements).toHaveLength(3);
  });

  it("writes one statement at a time; what comes meanwhile gathers", async () => {
    const { add, statements, answerBy } = start();
    answerBy(() => new Promise((done) => setTimeout(done, 1_000)));
    add(...numbered(100));
    await vi.advanceTimersByTimeAsync(500);
    add(...numbered(120, 100));
    await vi.advanceTimersByTimeAsync(499);
    expect(statements).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_001);
    expect(statements.map((ids) => ids.length)).toEqual([100, 100, 20]);
  });

  it("leaves the next turn to the next that comes: nobody has it for ever", async () => {
    const { add, statements, answerBy } = start();
    answerBy(() => new Promise((done) => setTimeout(done, 1_000)));
    add("a");
    await vi.advanceTimersByTimeAsync(4_500);
    add("b");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(statements).toEqual([["a"]]);
    add("c");
    await vi.advanceTimersByTimeAsync(4_000);
    expect(statements).toEqual([["a"], ["b", "c"]]);
  });

  it("leaves out what its object has written meanwhile", async () => {
    const { add, statements, fates, unwanted } = start();
    add("a", "b");
    unwanted.add("a");
    await vi.advanceTimersByTimeAsync(4_000);
    expect(statements).toEqual([["b"]]);
    expect([...fates]).toEqual([["b", "written"]]);
  });

  it("gives back all that waits when a statement fails, and starts anew with the next one", async () => {
    const { add, fates, statements, answerBy } = start();
    answerBy(() => Promise.reject(new Error("down")));
    add(...numbered(150));
    await vi.advanceTimersByTimeAsync(4_000);
    expect(statements).toHaveLength(1);
    expect(new Set(fates.values())).toEqual(new Set(["returned"]));
    expect(fates.size).toBe(150);
    answerBy(async () => undefined);
    add("c");
    await vi.advanceTimersByTimeAsync(4_000);
    expect(fates.get("c")).toBe("written");
  });

  it("is taken over where the object whose turn it was is gone", async () => {
    const { add, statements, fates, answerBy } = start();
    answerBy(() => new Promise(() => undefined));
    add("a");
    await vi.advanceTimersByTimeAsync(4_000);
    answerBy(async () => undefined);
    await vi.advanceTimersByTimeAsync(14_000);
    add("b");
    await vi.advanceTimersByTimeAsync(4_000);
    expect(statements).toEqual([["a"]]);
    add("c");
    await vi.advanceTimersByTimeAsync(4_000);
    expect(statements).toEqual([["a"], ["a", "b", "c"]]);
    expect([...fates.values()]).toEqual(["written", "written", "written"]);
  });

  it("is taken over where the timer was lost before it rang", async () => {
    const { add, statements } = start();
    add("a");
    vi.clearAllTimers();
    await vi.advanceTimersByTimeAsync(18_000);
    add("b");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(statements).toEqual([]);
    add("c");
    await vi.advanceTimersByTimeAsync(4_000);
    expect(statements).toEqual([["a", "b", "c"]]);
  });

  it("takes no more than its memory should hold", async () => {
    const { add, fates, answerBy } = start();
    answerBy(() => new Promise(() => undefined));
    add(...numbered(5_001));
    expect([...fates]).toEqual([["e5000", "returned"]]);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { timelyStream } from "./timely-stream.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A body of so many chunks, each of which comes so long after it was asked for; `given` are those that were asked for. */
function sender({ chunks, bytes, everyMs }: { chunks: number; bytes: number; everyMs: number }) {
  const state = { given: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await wait(everyMs);
        if (state.given === chunks) return controller.close();
        state.given += 1;
        controller.enqueue(new Uint8Array(bytes));
      },
      cancel: () => {
        state.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { state, body };
}

/** Takes all of a body, each chunk in so long, and says how much it was. */
const taker =
  (everyMs = 0) =>
  async (body: ReadableStream<Uint8Array>): Promise<number> => {
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
      await wait(everyMs);
    }
    return bytes;
  };

/** How it ended, and after how many seconds. */
async function outcome(work: Promise<unknown>): Promise<[unknown, number]> {
  const startedAt = Date.now();
  const ended = work.then(
    (value): [unknown, number] => [value, Date.now() - startedAt],
    (error: { code?: string }): [unknown, number] => [error.code, Date.now() - startedAt],
  );
  await vi.advanceTimersByTimeAsync(600_000);
  const [what, ms] = await ended;
  return [what, Math.round(ms / 1_000)];
}

describe("a body in chunks", () => {
  it("that comes fast enough is passed on whole, however large it is", async () => {
    const { body } = sender({ chunks: 128, bytes: 65_536, everyMs: 240 });
    expect(await outcome(timelyStream(body, taker()))).toEqual([8 * 1_024 * 1_024, 31]);
  });

  it("of which nothing comes is a request_timeout after ten seconds", async () => {
    const { body, state } = sender({ chunks: 1, bytes: 100, everyMs: 3_600_000 });
    expect(await outcome(timelyStream(body, taker()))).toEqual(["request_timeout", 10]);
    expect(state.cancelled).toBe(true);
  });

  it("that trickles in, with never a long pause, is one soon after", async () => {
    const { body } = sender({ chunks: 100_000, bytes: 1_024, everyMs: 1_000 });
    expect(await outcome(timelyStream(body, taker()))).toEqual(["request_timeout", 10]);
  });

  it("is not blamed for a storage that takes it slowly; and no more than one chunk is held", async () => {
    const { body, state } = sender({ chunks: 60, bytes: 1_000, everyMs: 0 });
    const ahead: number[] = [];
    let taken = 0;
    const use = async (stream: ReadableStream<Uint8Array>) => {
      for await (const _ of stream) {
        taken += 1;
        await wait(5_000);
        ahead.push(state.given - taken);
      }
      return taken;
    };
    expect(await outcome(timelyStream(body, use))).toEqual([60, 300]);
    expect(Math.max(...ahead)).toBeLessThanOrEqual(1);
  });

  it("passes on what goes wrong with whoever takes it, and with the sender", async () => {
    const failing = () => Promise.reject(Object.assign(new Error("no storage"), { code: "upstream_unavailable" }));
    const { body } = sender({ chunks: 1, bytes: 1, everyMs: 0 });
    expect(await outcome(timelyStream(body, failing))).toEqual(["upstream_unavailable", 0]);
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => controller.error(Object.assign(new Error("gone"), { code: "gone" })),
    });
    expect(await outcome(timelyStream(broken, taker()))).toEqual(["gone", 0]);
  });
});

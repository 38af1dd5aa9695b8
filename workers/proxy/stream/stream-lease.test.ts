import { describe, expect, it, vi } from "vitest";
import type { Cut, ExtendAnswer, ExtendAsk } from "../../contracts/meter.ts";
import { createStreamLease } from "./stream-lease.ts";

/** A stream with a count set by hand, and a meter that answers by hand. */
function start(leasedTokens = 1_024, maxOutputTokens = 32_000) {
  const asks: ExtendAsk[] = [];
  let answer = (_: ExtendAnswer | Error): void => undefined;
  let word = (_: Cut | Error): void => undefined;
  let watched = 0;
  const count = { said: 0, finished: false };
  const lease = createStreamLease({
    meter: {
      extend: (ask) => {
        asks.push(ask);
        return new Promise((done, fail) => {
          answer = (given) => (given instanceof Error ? fail(given) : done(given));
        });
      },
      watch: () => {
        watched++;
        return new Promise((done, fail) => {
          word = (given) => (given instanceof Error ? fail(given) : done(given));
        });
      },
    },
    granted: { reservationId: "r", leasedTokens, maxOutputTokens },
    output: {
      see: () => undefined,
      upper: () => count.said,
      estimate: () => Math.ceil(count.said / 2),
      finished: () => count.finished,
      ending: ({ inputTokens, outputTokens }) => new Uint8Array([inputTokens, outputTokens % 256]),
    },
    promptEstimate: 99,
    input: () => undefined,
    wantsUsage: false,
    watchAfterMs: 0,
  });
  const say = (tokens: number): void => {
    count.said = tokens;
    lease.step();
  };
  return {
    lease,
    asks,
    say,
    count,
    watched: () => watched,
    word: (given: Cut | Error) => word(given),
    /** The meter's answer, and all that follows from it. */
    async reply(given: ExtendAnswer | Error) {
      answer(given);
      await new Promise((done) => setImmediate(done));
    },
  };
}

describe("a stream's lease", () => {
  it("asks for more in good time, and nothing waits for it", async () => {
    const { lease, asks, say, reply } = start();
    say(511);
    expect(asks).toEqual([]);
    say(512);
    say(513);
    expect(asks).toEqual([{ reservationId: "r", produced: 256, wanted: 2_048, inputTokens: undefined }]);
    expect(lease.pending()).toBeUndefined();
    await reply({ ok: true, leasedTokens: 2_048 });
    say(1_535);
    expect(asks).toHaveLength(1);
    lease.close();
  });

  it("lets the stream wait only when all that is leased is used up", async () => {
    const { lease, say, reply } = start();
    say(1_024);
    expect(lease.pending()).toBeInstanceOf(Promise);
    expect(lease.spent()).toBe(false);
    await reply({ ok: true, leasedTokens: 2_048 });
    expect(lease.pending()).toBeUndefined();
    lease.close();
  });

  it("is spent when no more is to be had and the last token is used, not before", async () => {
    const { lease, asks, say, reply } = start();
    say(600);
    await reply({ ok: true, leasedTokens: 1_024 });
    expect(lease.spent()).toBe(false);
    say(700);
    await reply({ ok: true, leasedTokens: 1_100 });
    say(1_050);
    await reply({ ok: true, leasedTokens: 1_100 });
    expect(lease.spent()).toBe(false);
    say(1_100);
    expect(lease.spent()).toBe(true);
    expect(asks).toHaveLength(3);
    expect(lease.output()).toBe(550);
    expect([...lease.ending()]).toEqual([99, 550 % 256]);
    lease.close();
  });

  it("never ends what the provider's own bound ends, nor what the model has ended", async () => {
    const whole = start(1_000, 1_000);
    whole.say(5_000);
    expect([whole.asks.length, whole.lease.spent()]).toEqual([0, false]);
    whole.lease.close();
    const done = start();
    done.say(600);
    await done.reply({ ok: true, leasedTokens: 1_024 });
    done.count.finished = true;
    done.say(1_024);
    expect(done.lease.spent()).toBe(false);
    done.lease.close();
  });

  it("ends once, with the meter's word, however it comes", async () => {
    for (const how of ["watch", "extend"] as const) {
      const { lease, say, word, reply, watched } = start();
      const ended = vi.fn();
      lease.onCut(ended);
      await vi.waitFor(() => expect(watched()).toBe(1));
      if (how === "extend") {
        say(600);
        await reply({ ok: false, cut: "revoked" });
      }
      word("revoked");
      await vi.waitFor(() => expect(lease.cut()).toBe("revoked"));
      expect(ended).toHaveBeenCalledTimes(1);
      lease.close();
    }
  });

  it("asks again when the meter is on the move, and forgets a word that comes after the end", async () => {
    const { lease, asks, say, word, reply, watched } = start();
    say(600);
    await reply(new Error("the object moved"));
    await vi.waitFor(() => expect(asks).toHaveLength(2));
    await vi.waitFor(() => expect(watched()).toBe(1));
    word(new Error("the object moved"));
    await vi.waitFor(() => expect(watched()).toBe(2));
    lease.close();
    word("over");
    await new Promise((done) => setImmediate(done));
    expect(lease.cut()).toBeUndefined();
  });
});

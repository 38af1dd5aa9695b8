import { describe, expect, it } from "vitest";
import { relay } from "./stream/relay.ts";
import { type StreamLease, unleased } from "./stream/stream-lease.ts";
import { createUsageTap } from "./stream/usage-tap.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const event = (n: number): string => `data: {"choices":[{"delta":{"content":"${n}"}}]}\n\n`;
const LONG = 60_000;

/** A provider that says these pieces and no more, and what its client gets under this lease. */
async function run(pieces: readonly string[], lease: Partial<StreamLease>, dropUsage = false) {
  const provider = new TransformStream<Uint8Array, Uint8Array>();
  const client = new TransformStream<Uint8Array, Uint8Array>();
  const feed = provider.writable.getWriter();
  const end = relay({
    from: provider.readable,
    to: client.writable,
    left: new AbortController().signal,
    tap: createUsageTap("openai", dropUsage),
    lease: { ...unleased, ending: () => encode("[end]"), ...lease },
    abort: () => void feed.abort(new Error("aborted")).catch(() => undefined),
    failure: (kind) => encode(`[${kind}]`),
    keepalive: encode(": alive\n\n"),
    timeouts: { idle: LONG, total: LONG, drain: LONG, keepalive: LONG },
  });
  const text = new Response(client.readable).text();
  // The provider never closes: only the lease can end this.
  for (const piece of pieces) await feed.write(encode(piece)).catch(() => undefined);
  return { text: await text, end: await end };
}

/** Spent after so many pieces. */
function spentAfter(pieces: number): Partial<StreamLease> {
  let steps = 0;
  return { step: () => void steps++, spent: () => steps >= pieces, output: () => 7 };
}

describe("a stream whose lease is spent", () => {
  it("ends at once behind a whole event", async () => {
    const { text, end } = await run([event(1), event(2), event(3)], spentAfter(2));
    expect(text).toBe(`${event(1)}${event(2)}[end]`);
    expect(end).toMatchObject({ outcome: "limit_reached", outputEvents: 7 });
  });

  it.each([false, true])("never ends inside an event, however the bytes are cut (usage left out: %s)", async (drop) => {
    const [all, half] = [event(1) + event(2) + event(3), event(1).length + 20];
    const { text } = await run([all.slice(0, half), all.slice(half)], spentAfter(1), drop);
    // What began is finished; where events are held back whole, none has begun.
    expect(text).toBe(drop ? `${event(1)}[end]` : `${event(1)}${event(2)}[end]`);
  });

  it("waits for the meter's answer before it reads on", async () => {
    let asked = 0;
    let answered = false;
    const pending = (): Promise<void> | undefined => {
      if (++asked > 1) return undefined;
      return Promise.resolve().then(() => {
        answered = true;
      });
    };
    await run([event(1), event(2)], { pending, spent: () => answered });
    expect(answered).toBe(true);
  });
});

it.each([
  ["revoked", "invalid_api_key"],
  ["suspended", "suspended"],
  ["over", "unavailable"],
] as const)("a stream that is cut (%s) ends with an error, also while the provider is silent", async (cut, kind) => {
  let word: typeof cut | undefined;
  const onCut = (stop: () => void): void => {
    setTimeout(() => {
      word = cut;
      stop();
    }, 5);
  };
  const { text, end } = await run([event(1)], { onCut, cut: () => word });
  expect(text).toBe(`${event(1)}[${kind}]`);
  expect(end.outcome).toBe("cut_off");
});

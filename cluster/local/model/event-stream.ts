import { setTimeout as pause } from "node:timers/promises";
import { type Fault, find } from "./faults.ts";

/** One server-sent event, and how many output tokens it carries. */
export interface Frame {
  text: string;
  tokens: number;
}

export const data = (value: unknown, tokens = 0): Frame => ({ text: `data: ${JSON.stringify(value)}\n\n`, tokens });

export const named = (event: string, value: object, tokens = 0): Frame => ({
  text: `event: ${event}\ndata: ${JSON.stringify({ type: event, ...value })}\n\n`,
  tokens,
});

export const DONE: Frame = { text: "data: [DONE]\n\n", tokens: 0 };

/** The words are of our account: they must not reach a customer. */
const FAILED = named("error", {
  error: { type: "api_error", message: "organization org-0123456789 is out of credits" },
});

const BATCH = 3;

/** Several tokens an event, as providers send them. */
export const batches = (tokens: readonly string[]): { text: string; tokens: number }[] =>
  Array.from({ length: Math.ceil(tokens.length / BATCH) }, (_, at) => {
    const batch = tokens.slice(at * BATCH, (at + 1) * BATCH);
    return { text: batch.join(""), tokens: batch.length };
  });

/** `onEnd` is called once, with the tokens that were sent; `aborted`: the client left, `cut`: a planned fault. */
export function eventStream(
  frames: readonly Frame[],
  delayMs: number,
  faults: readonly Fault[],
  onEnd: (tokens: number, outcome: "done" | "aborted" | "cut") => void,
): Response {
  const [cutAfter, stallAfter] = [find(faults, "cut")?.afterEvents, find(faults, "stall")?.afterEvents];
  const failAfter = find(faults, "error_event")?.afterEvents;
  const left = Promise.withResolvers<void>();
  let [sent, tokens, gone] = [0, 0, false];
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (delayMs > 0 && sent > 0) await pause(delayMs);
      if (sent === stallAfter) await left.promise;
      if (gone) return;
      const frame = sent === failAfter ? FAILED : frames[sent];
      if (sent === cutAfter) {
        onEnd(tokens, "cut");
        controller.error(new Error("the stream is cut, as planned"));
      } else if (frame === undefined || (failAfter !== undefined && sent > failAfter)) {
        onEnd(tokens, frame === undefined ? "done" : "cut");
        controller.close();
      } else {
        sent++;
        tokens += frame.tokens;
        controller.enqueue(new TextEncoder().encode(frame.text));
      }
    },
    cancel() {
      gone = true;
      left.resolve();
      onEnd(tokens, "aborted");
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
}

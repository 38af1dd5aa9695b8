import { setTimeout as pause } from "node:timers/promises";

/** One server-sent event, and how many output tokens it carries. */
export interface Frame {
  text: string;
  tokens: number;
}

export interface StreamOptions {
  delayMs: number;
  /** Break the connection after so many events. */
  cutAfter: number | undefined;
  /** Say nothing more after so many events, until the client gives up. */
  stallAfter: number | undefined;
  /** Called once, with the tokens that were sent. */
  onEnd(tokens: number, outcome: "done" | "aborted" | "cut"): void;
}

export const data = (value: unknown, tokens = 0): Frame => ({ text: `data: ${JSON.stringify(value)}\n\n`, tokens });

export const named = (event: string, value: object, tokens = 0): Frame => ({
  text: `event: ${event}\ndata: ${JSON.stringify({ type: event, ...value })}\n\n`,
  tokens,
});

export const DONE: Frame = { text: "data: [DONE]\n\n", tokens: 0 };

/** Several tokens an event, as providers send them. */
export function batches(tokens: readonly string[], size = 3): { text: string; tokens: number }[] {
  const result = [];
  for (let at = 0; at < tokens.length; at += size) {
    const batch = tokens.slice(at, at + size);
    result.push({ text: batch.join(""), tokens: batch.length });
  }
  return result;
}

export function eventStream(
  frames: readonly Frame[],
  { delayMs, cutAfter, stallAfter, onEnd }: StreamOptions,
): Response {
  const encoder = new TextEncoder();
  let sent = 0;
  let tokens = 0;
  let left = false;
  const gone = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (delayMs > 0 && sent > 0) await pause(delayMs);
      if (sent === stallAfter) await gone.promise;
      if (left) return;
      const frame = frames[sent];
      if (sent === cutAfter) {
        onEnd(tokens, "cut");
        controller.error(new Error("the stream is cut, as planned"));
      } else if (frame === undefined) {
        onEnd(tokens, "done");
        controller.close();
      } else {
        sent++;
        tokens += frame.tokens;
        controller.enqueue(encoder.encode(frame.text));
      }
    },
    cancel() {
      left = true;
      gone.resolve();
      onEnd(tokens, "aborted");
    },
  });
  return new Response(body, {
    headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" },
  });
}

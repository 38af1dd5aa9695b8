/** Brings a provider's stream to the client and knows, however it ends, what is to be booked. */
import type { Outcome, Usage } from "../objects/token-meter/calls.ts";
import type { ProxyError } from "./proxy-error.ts";
import type { Timeouts } from "./timeouts.ts";
import type { UsageReport } from "./usage-report.ts";
import type { UsageTap } from "./usage-tap.ts";

export interface RelayOptions {
  from: ReadableStream<Uint8Array>;
  to: WritableStream<Uint8Array>;
  tap: UsageTap;
  /** Ends the connection to the provider. */
  abort(): void;
  /** The event that tells the client of a failure after the status is out. */
  failure(kind: ProxyError["kind"]): Uint8Array;
  timeouts: Pick<Timeouts, "idle" | "total" | "drain">;
}

export interface RelayEnd {
  outcome: Outcome;
  report: UsageReport | undefined;
  outputEvents: number;
}

type Stop = "idle" | "total" | "drain";

/**
 * Reads the provider to its end even when the client has left, since only the end tells the usage. Waits for a
 * slow client instead of buffering for it. Never rejects.
 */
export async function relay({ from, to, tap, abort, failure, timeouts }: RelayOptions): Promise<RelayEnd> {
  const client = openClient(to);
  const watch = startWatch(timeouts, client, (stop) => {
    abort();
    if (stop === "total") client.leave();
  });
  let failed = false;
  const reader = from.getReader();
  try {
    for (;;) {
      const { done, value } = await watch.reading(reader.read());
      if (done) break;
      for (const bytes of tap.push(value)) await client.write(bytes);
    }
  } catch {
    failed = true;
    // What is left in between, if the connection has not broken by itself.
    reader.cancel().catch(() => undefined);
  }
  const stopped = watch.end();
  for (const bytes of tap.end()) await client.write(bytes);
  if (failed && stopped !== "drain") await client.write(failure(stopped ? "upstream_timeout" : "upstream_failed"));
  await client.close();
  const outcome = failed && stopped !== "drain" ? "upstream_error" : client.gone() ? "client_closed" : "completed";
  return { outcome, report: tap.usage(), outputEvents: tap.outputEvents() };
}

interface Client {
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
  leave(): void;
  /** When it was seen to have left, epoch milliseconds. */
  gone(): number | undefined;
}

function openClient(to: WritableStream<Uint8Array>): Client {
  const writer = to.getWriter();
  let gone: number | undefined;
  const left = (): void => {
    gone ??= Date.now();
  };
  writer.closed.catch(left);
  return {
    gone: () => gone,
    async write(bytes) {
      if (gone === undefined) await writer.write(bytes).catch(left);
    },
    async close() {
      if (gone === undefined) await writer.close().catch(left);
    },
    leave() {
      left();
      writer.abort().catch(() => undefined);
    },
  };
}

/** Looks at the clock a few times per deadline, instead of setting a timer for every chunk. */
function startWatch(timeouts: RelayOptions["timeouts"], client: Client, stop: (why: Stop) => void) {
  const startedAt = Date.now();
  let readingSince: number | undefined;
  let why: Stop | undefined;

  const due = (now: number): Stop | undefined => {
    const gone = client.gone();
    if (now - startedAt >= timeouts.total) return "total";
    if (gone !== undefined && now - gone >= timeouts.drain) return "drain";
    return readingSince !== undefined && now - readingSince >= timeouts.idle ? "idle" : undefined;
  };
  const timer = setInterval(
    () => {
      why ??= due(Date.now());
      if (why) {
        clearInterval(timer);
        stop(why);
      }
    },
    Math.max(10, Math.min(timeouts.idle, timeouts.drain, timeouts.total) / 5),
  );
  return {
    async reading<T>(read: Promise<T>): Promise<T> {
      readingSince = Date.now();
      try {
        return await read;
      } finally {
        readingSince = undefined;
      }
    },
    end(): Stop | undefined {
      clearInterval(timer);
      return why;
    },
  };
}

/** What to book: the provider's own figures where they are complete and sane, else ours, marked as such. */
export function chargeOf(end: RelayEnd, promptEstimate: number): { usage: Usage | null; estimated: boolean } {
  const { report, outputEvents, outcome } = end;
  const { input, cached = 0, output = 0 } = report ?? {};
  if (report?.final && !report.absurd && input !== undefined && report.output !== undefined) {
    return { usage: { inputTokens: input, cachedInputTokens: cached, outputTokens: output }, estimated: false };
  }
  // The provider broke off before it produced anything.
  if (outcome === "upstream_error" && outputEvents === 0) return { usage: null, estimated: true };
  const known = report?.absurd ? undefined : input;
  const usage: Usage = {
    inputTokens: known ?? promptEstimate,
    cachedInputTokens: known === undefined ? 0 : cached,
    outputTokens: Math.max(report?.absurd ? 0 : output, outputEvents),
  };
  return { usage, estimated: true };
}

/** Brings a provider's stream to the client and knows, however it ends, what is to be booked. */
import type { Cut, Outcome, Usage } from "../../contracts/meter.ts";
import type { UsageReport } from "../dialects/usage-report.ts";
import type { ProxyError } from "../proxy-error.ts";
import type { Timeouts } from "../upstream/timeouts.ts";
import { type StreamLease, unleased } from "./stream-lease.ts";
import type { UsageTap } from "./usage-tap.ts";

export interface RelayOptions {
  from: ReadableStream<Uint8Array>;
  to: WritableStream<Uint8Array>;
  /** Aborts when the client has gone, which `to` does not notice before its answer has begun. */
  left: AbortSignal;
  tap: UsageTap;
  /** Absent where all that may come is held already. */
  lease?: StreamLease | undefined;
  /** Ends the connection to the provider. */
  abort(): void;
  /** What tells the client of a failure after the status is out. */
  failure(kind: ProxyError["kind"]): Uint8Array;
  /** Whether the model has said that it is done: else the stream has broken off, however it ended. Absent: its end is enough. */
  isDone?: (() => boolean) | undefined;
  /** The sign of life for a client that has heard nothing for long. */
  keepalive: Uint8Array;
  timeouts: Pick<Timeouts, "idle" | "total" | "drain" | "keepalive">;
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
export async function relay({
  from,
  to,
  left,
  tap,
  lease = unleased,
  abort,
  failure,
  isDone,
  keepalive,
  timeouts,
}: RelayOptions): Promise<RelayEnd> {
  const client = openClient(to);
  if (left.aborted) client.leave();
  else left.addEventListener("abort", client.leave, { once: true });
  const stop = (why: Stop): void => {
    abort();
    if (why === "total") client.leave();
  };
  const speak = (): void => void (tap.between() && client.write(keepalive));
  const watch = startWatch(timeouts, client, { stop, speak });
  lease.onCut(abort);
  const reader = from.getReader();
  const pumped = await pump();
  const { spent } = pumped;
  const cut = lease.cut();
  const rest = tap.end();
  const stopped = watch.why();
  const failed = pumped.failed || (isDone !== undefined && !spent && !isDone());
  const broke = failed && stopped !== "drain" && !cut;
  // An event that was held back and is not whole would spoil the end that we write.
  for (const bytes of cut || spent || (broke && isDone) ? [] : rest) await client.write(bytes);
  if (broke) await client.write(failure(stopped ? "upstream_timeout" : "upstream_failed"));
  if (cut) await client.write(failure(CUT_ERRORS[cut]));
  if (spent) await client.write(lease.ending());
  watch.end();
  lease.close();
  const normal = client.gone() === undefined ? "completed" : "client_closed";
  const outcome = broke ? "upstream_error" : spent ? "limit_reached" : normal;
  client.end();
  return {
    outcome: cut ? "cut_off" : outcome,
    report: tap.usage(),
    outputEvents: Math.max(tap.outputEvents(), lease.output()),
  };

  /** From the provider to the client, to the end or as far as is leased. */
  async function pump(): Promise<{ failed: boolean; spent: boolean }> {
    try {
      for (;;) {
        const { done, value } = await watch.reading(reader.read());
        if (done) return { failed: false, spent: false };
        for (const bytes of lease.spent() ? tap.last(value) : tap.push(value)) await client.write(bytes);
        lease.step();
        await lease.pending();
        const failed = tap.failed();
        if (!failed && !(lease.spent() && tap.between())) continue;
        abort();
        release();
        return { failed, spent: !failed };
      }
    } catch {
      release();
      return { failed: true, spent: false };
    }
  }

  /** What is left in between, if the connection has not broken by itself. */
  function release(): void {
    reader.cancel().catch(() => undefined);
  }
}

/** What a client is told whose stream the meter ended. */
const CUT_ERRORS = {
  revoked: "invalid_api_key",
  suspended: "suspended",
  over: "unavailable",
} as const satisfies Record<Cut, ProxyError["kind"]>;

interface Client {
  write(bytes: Uint8Array): Promise<void>;
  /** Closes, without waiting for a client that is slow to notice. */
  end(): void;
  leave(): void;
  /** When it was seen to have left, epoch milliseconds. */
  gone(): number | undefined;
}

function openClient(to: WritableStream<Uint8Array>): Client {
  const writer = to.getWriter();
  let gone: number | undefined;
  let release = (): void => undefined;
  const leave = (): void => {
    gone ??= Date.now();
    release();
  };
  writer.closed.catch(leave);
  return {
    gone: () => gone,
    leave,
    /** Done when the client has taken the bytes, or has left: aborting a stream does not end a write that waits. */
    async write(bytes) {
      if (gone !== undefined) return;
      await new Promise<void>((done) => {
        release = done;
        writer.write(bytes).then(done, leave);
      });
    },
    end() {
      const ended = gone === undefined ? writer.close() : writer.abort();
      ended.catch(() => undefined);
    },
  };
}

interface WatchActions {
  stop(why: Stop): void;
  /** Called again and again while the provider is silent. */
  speak(): void;
}

/** Looks at the clock a few times per deadline, instead of setting a timer for every chunk. */
function startWatch(timeouts: RelayOptions["timeouts"], client: Client, act: WatchActions) {
  const startedAt = Date.now();
  let heardAt = startedAt;
  let readingSince: number | undefined;
  let first: Stop | undefined;
  let last: Stop | undefined;

  const due = (now: number): Stop | undefined => {
    const gone = client.gone();
    if (now - startedAt >= timeouts.total) return "total";
    if (gone !== undefined && now - gone >= timeouts.drain) return "drain";
    return readingSince !== undefined && now - readingSince >= timeouts.idle ? "idle" : undefined;
  };
  const look = (): void => {
    const now = Date.now();
    if (readingSince !== undefined && now - heardAt >= timeouts.keepalive) {
      heardAt = now;
      act.speak();
    }
    const why = due(now);
    if (!why || why === last) return;
    first ??= why;
    last = why;
    act.stop(why);
  };
  const { idle, drain, total, keepalive } = timeouts;
  const timer = setInterval(look, Math.max(10, Math.min(idle, drain, total, keepalive) / 5));
  return {
    async reading<T>(read: Promise<T>): Promise<T> {
      readingSince = Date.now();
      heardAt = readingSince;
      try {
        return await read;
      } finally {
        readingSince = undefined;
      }
    },
    /** The first deadline that was missed. */
    why: (): Stop | undefined => first,
    end: (): void => clearInterval(timer),
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

/** Reads a stream's usage while its bytes pass by. */
import { joinBytes } from "../collect-bytes.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { mergeUsage, readUsage, type UsageReport } from "../dialects/usage-report.ts";
import { isRecord } from "../read-body.ts";
import { createEventCutter } from "./event-cutter.ts";

/**
 * Events with usage are small: of a larger one nothing is kept. Memory stays below this, whatever comes. The closing
 * event of the Responses API holds the whole answer, the instructions and the tools once more.
 */
const MAX_EVENT_BYTES = { openai: 256 * 1024, anthropic: 256 * 1024, responses: 3 * 1024 * 1024 } as const;

export interface UsageTap {
  /** What goes on to the client of this chunk (and, where an event had to be seen whole first, of earlier ones). */
  push(chunk: Uint8Array): Uint8Array[];
  /** The same for a stream that is to stop after the event that has begun: then `between` is true, and no more is to be pushed. */
  last(chunk: Uint8Array): Uint8Array[];
  /** What is left when the stream has ended. */
  end(): Uint8Array[];
  usage(): UsageReport | undefined;
  /** Events with output so far: what is booked when the figures never come. */
  outputEvents(): number;
  /** The provider has told of a failure in the stream. Only looked for where whole events alone go on. */
  failed(): boolean;
  /** Whether what went on to the client so far ends with a whole event. */
  between(): boolean;
}

/**
 * `dropUsage`: leave out OpenAI's extra event with nothing but usage; the client did not ask for it.
 * `onEvent`: gets each whole event as text.
 * `whole`: let whole events go on, so that the stream can be ended well behind each, and none that tells of a failure.
 */
export function createUsageTap(
  dialect: Dialect,
  dropUsage: boolean,
  onEvent?: (text: string) => void,
  whole = false,
): UsageTap {
  const held = dropUsage || whole;
  const cutter = createEventCutter();
  const largest = MAX_EVENT_BYTES[dialect];
  let event: Uint8Array[] = [];
  let size = 0;
  let usage: UsageReport | undefined;
  let outputs = 0;
  let over = false;
  let failed = false;

  function add(bytes: Uint8Array): Uint8Array[] {
    const wasSmall = size <= largest;
    size += bytes.length;
    if (!wasSmall) return [bytes];
    event.push(bytes);
    if (size <= largest) return [];
    return forget();
  }

  function forget(): Uint8Array[] {
    const kept = event;
    event = [];
    return kept;
  }

  /** The event is whole: look at it, and let it go on unless it is to be left out. */
  function close(): Uint8Array[] {
    const small = size <= largest;
    size = 0;
    const parts = forget();
    if (!small || parts.length === 0) return parts;
    if (failed) return [];
    const text = decode(parts);
    failed = whole && tellsFailure(text);
    if (failed) return [];
    const seen = look(dialect, text);
    onEvent?.(text);
    usage = mergeUsage(usage, seen.usage);
    if (seen.output) outputs++;
    return dropUsage && seen.usageOnly ? [] : parts;
  }

  function cut(chunk: Uint8Array): Uint8Array[] {
    const out: Uint8Array[] = [];
    let from = 0;
    for (const to of cutter.cuts(chunk)) {
      if (to > from) out.push(...add(chunk.subarray(from, to)));
      out.push(...close());
      from = to;
    }
    if (from < chunk.length) out.push(...add(chunk.subarray(from)));
    return merged(out);
  }

  return {
    push(chunk) {
      const released = cut(chunk);
      // Nothing to leave out: the chunk passes as it is, at once.
      return held ? released : [chunk];
    },
    last(chunk) {
      if (held) return cut(chunk);
      const upTo = cutter.cuts(chunk)[0];
      over = upTo !== undefined;
      return [chunk.subarray(0, upTo)];
    },
    end() {
      const rest = over ? [] : close();
      return held ? rest : [];
    },
    usage: () => usage,
    outputEvents: () => outputs,
    failed: () => failed,
    // A small event that is held back has not begun for the client.
    between: () => over || cutter.between() || (held && size <= largest),
  };
}

/** What lies side by side in one chunk goes on in one write. */
function merged(parts: readonly Uint8Array[]): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (const part of parts) {
    const before = out.at(-1);
    const follows = before?.buffer === part.buffer && before.byteOffset + before.length === part.byteOffset;
    if (before && follows)
      out[out.length - 1] = new Uint8Array(part.buffer, before.byteOffset, before.length + part.length);
    else out.push(part);
  }
  return out;
}

interface Seen {
  usage?: UsageReport | undefined;
  output: boolean;
  /** Nothing but usage: `choices` is there and empty. */
  usageOnly: boolean;
}

function look(dialect: Dialect, text: string): Seen {
  const output = text.includes('delta"');
  if (!text.includes('"usage"')) return { output, usageOnly: false };
  const json = parseData(text);
  const usage = readUsage(dialect, json);
  return { usage, output: output && !isUsageOnly(json), usageOnly: usage !== undefined && isUsageOnly(json) };
}

/** An error in place of an event: OpenAI's at the top, Anthropic's by its type, that of responses by both. */
function tellsFailure(text: string): boolean {
  if (!text.includes('"error"')) return false;
  const json = parseData(text);
  return isRecord(json) && (json.type === "error" || (json.error != null && json.choices == null));
}

/** One for all events: the runtime has to collect each that is made. */
const UTF8 = new TextDecoder();

/** Nearly every event comes in one part. */
function decode(parts: readonly Uint8Array[]): string {
  const [only] = parts;
  return UTF8.decode(only && parts.length === 1 ? only : joinBytes(parts));
}

/** The event's data lines as JSON; undefined where they are none. */
function parseData(event: string): unknown {
  const lines = event.split(/\r\n|\n|\r/).filter((line) => line.startsWith("data:"));
  const data = lines.map((line) => line.slice(5).replace(/^ /, "")).join("\n");
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

const isUsageOnly = (json: unknown): boolean =>
  typeof json === "object" &&
  json !== null &&
  "choices" in json &&
  Array.isArray(json.choices) &&
  json.choices.length === 0;

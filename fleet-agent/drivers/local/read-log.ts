import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { sleep } from "#cluster/system/retry.ts";

export interface LogWishes {
  /** The number of last lines. */
  tail: number;
  /** Only lines written at this time (ms) or later. */
  since?: number | undefined;
  /** Follows the log until the signal aborts. */
  follow?: AbortSignal | undefined;
}

const LOOK_EVERY_MS = 200;

/** The lines of a log file and of its predecessor (`<file>.1`). */
export async function* readLog(file: string, { tail, since, follow }: LogWishes): AsyncGenerator<string> {
  const before = existsSync(`${file}.1`) ? linesOf(readFileSync(`${file}.1`, "utf8")) : [];
  const text = readFileSync(file);
  const lines = writtenSince([...before, ...linesOf(text.toString("utf8"))], since);
  yield* lines.slice(Math.max(0, lines.length - tail));
  if (follow) yield* writtenFrom(file, text.length, follow);
}

const linesOf = (text: string): string[] => (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");

/** A line without a time has the time of the line before. */
export function writtenSince(lines: readonly string[], since: number | undefined): string[] {
  if (since === undefined) return [...lines];
  const first = lines.findIndex((line) => (timeOf(line) ?? Number.NEGATIVE_INFINITY) >= since);
  return first < 0 ? [] : lines.slice(first);
}

/** The first ISO 8601 time in a line: the supervisor's `at`, OpenClaw's own. */
function timeOf(line: string): number | undefined {
  const [text] = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/.exec(line) ?? [];
  return text === undefined ? undefined : Date.parse(text);
}

/** The lines after `offset`; from the beginning if the file was rotated. */
async function* writtenFrom(file: string, offset: number, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for (let at = offset; !signal.aborted; await sleep(LOOK_EVERY_MS, signal).catch(() => undefined)) {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size < at) at = 0;
    if (size === at) continue;
    const lines = (rest + decoder.decode(readRange(file, at, size), { stream: true })).split("\n");
    at = size;
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

function readRange(file: string, from: number, to: number): Uint8Array {
  const fd = openSync(file, "r");
  try {
    const bytes = new Uint8Array(to - from);
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, from));
  } finally {
    closeSync(fd);
  }
}

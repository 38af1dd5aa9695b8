import { statSync } from "node:fs";
import { sleep } from "#cluster/system/retry.ts";
import { blocks, type Line, LineSplitter, linesBackwards, linesForwards } from "./log-lines.ts";

export interface LogWishes {
  /** The number of last lines. */
  tail: number;
  /** Only lines written at this time (ms) or later. */
  since?: number | undefined;
  /** Follows the log until the signal aborts. */
  follow?: AbortSignal | undefined;
}

const LOOK_EVERY_MS = 200;

/** The lines of a log file and of its predecessor (`<file>.1`), read from their end: they may have any size. */
export async function* readLog(file: string, wishes: LogWishes): AsyncGenerator<string> {
  const newestFirst = [file, `${file}.1`].map((path) => ({ path, size: sizeOf(path) }));
  const first = beginningOf(backwards(newestFirst), wishes);
  for (const { path, size } of newestFirst.toReversed()) {
    if (first?.path === path) yield* linesForwards(path, first.at, size);
    else if (first && path === file) yield* linesForwards(path, 0, size);
  }
  if (wishes.follow) yield* writtenFrom(file, newestFirst[0]?.size ?? 0, wishes.follow);
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

interface Place extends Line {
  path: string;
}

function* backwards(newestFirst: readonly { path: string; size: number }[]): Generator<Place> {
  for (const { path, size } of newestFirst)
    if (size > 0) for (const line of linesBackwards(path, size)) yield { ...line, path };
}

/** The first wished line; undefined where there is none. What has no time has the time of the line before. */
function beginningOf(lines: Iterable<Place>, { tail, since }: LogWishes): Place | undefined {
  let begin: Place | undefined;
  let inTail: Place | undefined;
  let seen = 0;
  if (tail <= 0) return undefined;
  for (const line of lines) {
    seen += 1;
    if (seen <= tail) inTail = line;
    const time = since === undefined ? Number.POSITIVE_INFINITY : timeOf(line.text);
    if (time === undefined) continue;
    if (time < (since ?? 0)) return begin;
    begin = inTail;
    if (seen >= tail) return begin;
  }
  return begin;
}

/** The first ISO 8601 time in a line: the supervisor's `at`, OpenClaw's own. */
function timeOf(line: string): number | undefined {
  const [text] = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/.exec(line) ?? [];
  return text === undefined ? undefined : Date.parse(text);
}

/** The lines after `offset`; from the beginning if the file was turned over. */
async function* writtenFrom(file: string, offset: number, signal: AbortSignal): AsyncGenerator<string> {
  const splitter = new LineSplitter();
  for (let at = offset; !signal.aborted; await sleep(LOOK_EVERY_MS, signal).catch(() => undefined)) {
    const size = sizeOf(file);
    if (size < at) at = 0;
    for (const bytes of blocks(file, at, size)) yield* splitter.add(bytes);
    at = size;
  }
}

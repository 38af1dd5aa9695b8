import { closeSync, openSync, readSync } from "node:fs";

const BLOCK = 64 * 1024;
/** A longer line is cut: a text can't have more than 512 MB, and no one reads such a line. */
const LONGEST = 1024 * 1024;
const NEWLINE = 10;

export interface Line {
  text: string;
  /** The offset in its file. */
  at: number;
}

/** The lines before the offset `size`, the last one first. */
export function* linesBackwards(file: string, size: number): Generator<Line> {
  const fd = openSync(file, "r");
  try {
    let rest: Buffer = Buffer.alloc(0);
    for (let from = size; from > 0; ) {
      const to = from;
      from = Math.max(0, to - BLOCK);
      const bytes = Buffer.concat([readRange(fd, from, to), rest]);
      // The newline at the very end begins no line.
      let end = to === size && bytes.at(-1) === NEWLINE ? bytes.length - 1 : bytes.length;
      for (let newline = lastNewline(bytes, end); newline >= 0; newline = lastNewline(bytes, end)) {
        yield { text: bytes.toString("utf8", newline + 1, end), at: from + newline + 1 };
        end = newline;
      }
      rest = bytes.subarray(0, end);
      if (from > 0 && rest.length < LONGEST) continue;
      yield { text: rest.toString("utf8"), at: from };
      rest = Buffer.alloc(0);
    }
  } finally {
    closeSync(fd);
  }
}

const lastNewline = (bytes: Buffer, end: number): number => (end === 0 ? -1 : bytes.lastIndexOf(NEWLINE, end - 1));

/** The lines between two offsets, the last one also if it has no end yet. */
export function* linesForwards(file: string, from: number, to: number): Generator<string> {
  const splitter = new LineSplitter();
  for (const bytes of blocks(file, from, to)) yield* splitter.add(bytes);
  if (splitter.rest) yield splitter.rest;
}

export class LineSplitter {
  readonly #decoder = new TextDecoder();
  /** The beginning of a line. */
  rest = "";

  /** The lines that end here. */
  add(bytes: Uint8Array): string[] {
    const lines = (this.rest + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.rest = lines.pop() ?? "";
    if (this.rest.length < LONGEST) return lines;
    lines.push(this.rest);
    this.rest = "";
    return lines;
  }
}

export function* blocks(file: string, from: number, to: number): Generator<Buffer> {
  if (from >= to) return;
  const fd = openSync(file, "r");
  try {
    for (let at = from; at < to; at += BLOCK) yield readRange(fd, at, Math.min(to, at + BLOCK));
  } finally {
    closeSync(fd);
  }
}

/** Fewer bytes where the file has become shorter. */
function readRange(fd: number, from: number, to: number): Buffer {
  const bytes = Buffer.alloc(to - from);
  return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, from));
}

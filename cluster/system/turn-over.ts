import { closeSync, openSync, readSync, statSync, truncateSync } from "node:fs";
import { writeAtomically } from "./atomic-file.ts";

const NEWLINE = 10;

/**
 * Keeps a log within twice so many bytes: where it has more, its end goes to `<file>.1`, and it begins anew. It stays the
 * same file, so that a process which has it open to append goes on with it.
 */
export function turnOver(file: string, mostBytes: number): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= mostBytes) return;
  const end = endOf(file, size, mostBytes);
  // Without the rest of a line that begins before.
  writeAtomically(`${file}.1`, end.subarray(end.indexOf(NEWLINE) + 1));
  truncateSync(file, 0);
}

function endOf(file: string, size: number, mostBytes: number): Buffer {
  const fd = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(mostBytes);
    return bytes.subarray(0, readSync(fd, bytes, 0, mostBytes, size - mostBytes));
  } finally {
    closeSync(fd);
  }
}

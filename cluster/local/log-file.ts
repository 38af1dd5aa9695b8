import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { turnOver } from "#cluster/system/turn-over.ts";

const MOST_BYTES = 10 * 1024 * 1024;

/** Appends lines to a log that keeps itself small: see `turnOver`. What can't be logged ends nothing. */
export function openLogFile(file: string, mostBytes = MOST_BYTES): (line: string) => void {
  // Also of an earlier run.
  let bytes = Number.POSITIVE_INFINITY;
  return (line) => {
    try {
      if (bytes > mostBytes) {
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
        turnOver(file, mostBytes);
        bytes = 0;
      }
      appendFileSync(file, `${line}\n`, { mode: 0o600 });
      bytes += Buffer.byteLength(line) + 1;
    } catch {
      // The disk is full, and says so elsewhere.
    }
  };
}

/** For lines without a time of their own. */
export const withTime = (log: (line: string) => void) => (line: string) => log(`${new Date().toISOString()} ${line}`);

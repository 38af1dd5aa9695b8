import { statfsSync } from "node:fs";
import type { ReasonCode } from "#schema/domain/reasons/catalogue.ts";

/** Why the box does not serve, in words for operators. Without a code nothing is wrong: it takes its time. */
export interface Trouble {
  code: ReasonCode | null;
  words: string;
}

/** One that has a code. */
export interface Failing extends Trouble {
  code: ReasonCode;
}

export const taking = (words: string): Trouble => ({ code: null, words });

/** SQLite and OpenClaw need about this much to begin at all. */
const LEAST_BYTES = 1024 * 1024;

export const isFullError = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOSPC";

export function isFull(dir: string): boolean {
  const { bavail, bsize } = statfsSync(dir);
  return bavail * bsize < LEAST_BYTES;
}

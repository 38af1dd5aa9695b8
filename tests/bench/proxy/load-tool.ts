/** The load tool as the benchmark uses it. */
import type { Child } from "./child.ts";

export interface Target {
  url: string;
  /** One set of headers per customer: requests take turns. */
  headers: Record<string, string>[];
  body: string;
  connections: number;
  /** Ends after so long, */
  ms: number;
  /** or after so many requests. */
  requests?: number;
  /** A stream with fewer events counts as failed. */
  expectEvents: number;
}

export interface LoadResult {
  answered: number;
  failed: number;
  /** How often each thing went wrong. */
  failures: Record<string, number>;
  elapsedMs: number;
  /** From the last byte sent to the first byte of the answer's body, per answer. */
  firstByteMs: number[];
  totalMs: number[];
  /** Reads that brought body, over all answers. */
  reads: number;
}

export const runLoad = (tool: Child, target: Target): Promise<LoadResult> => tool.ask<LoadResult>(target);

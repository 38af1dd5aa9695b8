import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { StateError } from "./state-error.ts";

interface Tar<S> {
  stream: S;
  /** Resolves when tar has ended well; throws StateError else. */
  done: Promise<void>;
}

/** tar says 1 for a file that changed while it was read, which a living workspace may do. */
const CHANGED = 1;

export const NOT_UNPACKED = "The memory can't be unpacked";

/** All below `dir` as one tar. */
export function packTar(dir: string, signal: AbortSignal): Tar<Readable> {
  const child = spawn("tar", ["-cf", "-", "-C", dir, "."], { stdio: ["ignore", "pipe", "ignore"], signal });
  return { stream: child.stdout, done: ended(child, "The memory can't be packed", [0, CHANGED]) };
}

/** Unpacks into `dir`, which must be empty: names that lead out of it are refused by tar itself. */
export function unpackTar(dir: string, signal: AbortSignal): Tar<Writable> {
  const args = ["-xf", "-", "-C", dir, "--no-same-owner"];
  const child = spawn("tar", args, { stdio: ["pipe", "ignore", "ignore"], signal });
  return { stream: child.stdin, done: ended(child, NOT_UNPACKED, [0]) };
}

async function ended(child: ReturnType<typeof spawn>, otherwise: string, good: number[]): Promise<void> {
  // An "error" (no such program, aborted) rejects it.
  const [code] = await once(child, "close");
  if (!good.includes(code)) throw new StateError(otherwise, true);
}

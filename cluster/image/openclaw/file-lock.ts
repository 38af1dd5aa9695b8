import { readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { createPidFile, isAlive } from "../../pid-file.ts";

export interface LockOptions {
  /** Called about once per `pollMs` while another process holds the lock. */
  onWait?: (holderPid: number) => void;
  pollMs?: number;
  /** A lock whose holder has not touched it for this long is taken over. */
  staleMs?: number;
}

/**
 * Runs `work` while no other process of this machine runs it under the same lock file. The holder touches the
 * file; one that died (or lost power) is recognised by its pid or by the file's age. Two that take over the same
 * stale lock in the same instant may both run: `work` must end in an atomic rename.
 */
export async function withFileLock<T>(file: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const { onWait, pollMs = 1_000, staleMs = 30_000 } = options;
  for (let holder = acquire(file, staleMs); holder !== undefined; holder = acquire(file, staleMs)) {
    onWait?.(holder);
    await delay(pollMs);
  }
  const touch = setInterval(() => touchFile(file), staleMs / 3);
  try {
    return await work();
  } finally {
    clearInterval(touch);
    rmSync(file, { force: true });
  }
}

/** Undefined when the lock is ours now, else the holder's pid. */
function acquire(file: string, staleMs: number): number | undefined {
  while (!createPidFile(file)) {
    const holder = livingHolder(file, staleMs);
    if (holder !== undefined) return holder;
    rmSync(file, { force: true });
  }
  return undefined;
}

function livingHolder(file: string, staleMs: number): number | undefined {
  try {
    const fresh = Date.now() - statSync(file).mtimeMs < staleMs;
    const pid = Number(readFileSync(file, "utf8"));
    // An empty file is one whose writer is between open and write.
    return fresh && (pid === 0 || isAlive(pid)) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function touchFile(file: string): void {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // Somebody removed it: the next one may start beside us, which the rename settles.
  }
}

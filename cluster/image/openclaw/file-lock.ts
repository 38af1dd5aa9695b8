import { setTimeout as delay } from "node:timers/promises";
import { claimPidFile, removePidFile } from "../../system/pid-file.ts";

export interface LockOptions {
  /** Called about once per `pollMs` while another process holds the lock. */
  onWait?: (holderPid: number) => void;
  pollMs?: number;
}

/**
 * Runs `work` while no other process of this machine runs it under the same lock file; one that died holds nothing. Two
 * that take over from a dead one in the same instant may both run: `work` must end in an atomic rename.
 */
export async function withFileLock<T>(file: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const { onWait, pollMs = 1_000 } = options;
  for (let holder = claimPidFile(file); holder; holder = claimPidFile(file)) {
    onWait?.(holder.pid);
    await delay(pollMs);
  }
  try {
    return await work();
  } finally {
    removePidFile(file);
  }
}

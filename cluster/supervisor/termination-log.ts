import { closeSync, openSync, writeSync } from "node:fs";

/** Kubernetes reads so much of the file at most. */
const MOST = 4_096;

/** Leaves why this process ends where Kubernetes looks for it. Elsewhere the file is not there, and none is made. */
export function leaveReason(file: string, reason: string): void {
  try {
    const target = openSync(file, "r+");
    writeSync(target, reason.slice(0, MOST));
    closeSync(target);
  } catch {
    // The log line says it too.
  }
}

import { writeFileSync } from "node:fs";

/** Kubernetes reads at most this much of the file. */
const MOST = 4_096;

/** Writes the reason of this process's exit to Kubernetes' termination log. Outside Kubernetes there is none, and none is created. */
export function leaveReason(file: string, reason: string): void {
  try {
    writeFileSync(file, reason.slice(0, MOST), { flag: "r+" });
  } catch {
    // The log line has it too.
  }
}

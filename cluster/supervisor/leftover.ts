import { execFileSync } from "node:child_process";
import { readIfThere, writeAtomically } from "./atomic-file.ts";
import { log } from "./log.ts";

/**
 * Ends the gateway that an earlier supervisor left behind when it was killed outright. OpenClaw lets one process use
 * a state folder, so the new one could not start beside it. In a pod the whole container ends instead.
 */
export function endLeftover(pidFile: string): void {
  const pid = Number(readIfThere(pidFile) ?? 0);
  if (!Number.isInteger(pid) || pid <= 1 || !commandOf(pid).includes("openclaw")) return;
  log("leftover_gateway_killed", { pid });
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It ended in between.
  }
}

export function rememberPid(pidFile: string, pid: number): void {
  writeAtomically(pidFile, String(pid));
}

/** Empty when there is no such process; a pid may have been given to somebody else since. */
function commandOf(pid: number): string {
  try {
    return (
      readIfThere(`/proc/${pid}/cmdline`) ??
      execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" })
    );
  } catch {
    return "";
  }
}

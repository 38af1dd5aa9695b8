import { readPidFile, signalGroup } from "#cluster/system/pid-file.ts";
import { log } from "./log.ts";

/**
 * Ends the gateway that an earlier supervisor left behind when it was killed outright. OpenClaw lets one process use
 * a state folder, so the new one could not start beside it. In a pod the whole container ends instead.
 */
export function endLeftover(pidFile: string): void {
  const left = readPidFile(pidFile);
  if (!left) return;
  log("leftover_gateway_killed", { pid: left.pid });
  signalGroup(left.pid, "SIGKILL");
}

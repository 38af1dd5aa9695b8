import { type ChildProcess, spawn } from "node:child_process";
import { startOf } from "./process-identity.ts";

/** Ends process $0 if it is still the one that started at $1, as `startOf` spells it. */
const END = `
started() {
  if [ -r "/proc/$0/stat" ]; then
    echo "$(cat /proc/sys/kernel/random/boot_id)/$(sed 's/.*) //' "/proc/$0/stat" | cut -d' ' -f20)"
  else
    ps -o lstart= -p "$0" | sed 's/^ *//; s/ *$//'
  fi
}
read -r _
[ "$(started)" = "$1" ] && kill "$0"`;

/**
 * Ends a child with SIGTERM when this process is gone, however it went: after `kill -9` nothing keeps a port or goes
 * on polling a bot. A shell waits for the end of a pipe that only we hold, in a session of its own.
 * @param started when the child started: its number may be another's by the time
 */
export function endWithUs(child: ChildProcess, started = child.pid && startOf(child.pid)): void {
  if (child.pid === undefined || !started || child.exitCode !== null || child.signalCode !== null) return;
  const watcher = spawn("/bin/sh", ["-c", END, String(child.pid), started], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  // Without it a crash may leave processes; everything else works.
  watcher.on("error", () => {});
  watcher.unref();
  child.once("exit", () => watcher.kill("SIGKILL"));
}

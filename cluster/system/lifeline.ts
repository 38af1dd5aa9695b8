import { type ChildProcess, spawn } from "node:child_process";

/**
 * Ends a child with SIGTERM when this process is gone, however it went: after `kill -9` nothing keeps a port or goes
 * on polling a bot. A shell waits for the end of a pipe that only we hold, in a session of its own.
 */
export function endWithUs(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const watcher = spawn("/bin/sh", ["-c", 'read -r _; kill "$0"', String(child.pid)], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  // Without it a crash may leave processes; everything else works.
  watcher.on("error", () => {});
  watcher.unref();
  // The process id may be reused soon.
  child.once("exit", () => watcher.kill("SIGKILL"));
}

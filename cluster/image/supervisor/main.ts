/**
 * The program of every box: renders box.json to OpenClaw's files, keeps its gateway running, tells its health.
 * In the image it runs below tini, which collects the processes that the agent's commands leave behind.
 */
import { readSettings } from "./config.ts";
import { log, messageOf } from "./log.ts";
import { startSupervisor } from "./supervisor.ts";

try {
  const supervisor = await startSupervisor(readSettings());
  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) return;
    stopping = true;
    log("stopping", { signal });
    await supervisor.stop();
    log("stopped");
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop(signal));
} catch (error) {
  log("could_not_start", { reason: messageOf(error) });
  process.exit(1);
}

/**
 * The program of every box: renders box.json to OpenClaw's files, keeps its gateway running, tells its health.
 * In the image it runs below tini, which collects the processes that the agent's commands leave behind.
 */
import { leftReason } from "#schema/contracts/left-reason.ts";
import { readSettings } from "./config.ts";
import { log, messageOf } from "./log.ts";
import { startSupervisor } from "./supervisor.ts";
import { leaveReason } from "./termination-log.ts";

try {
  const settings = readSettings();
  const supervisor = await startSupervisor(settings);
  let stopping = false;
  const stop = async (event: string, fields: Record<string, string>, exitCode: number) => {
    if (stopping) return;
    stopping = true;
    log(event, fields);
    await supervisor.stop();
    log("stopped");
    process.exit(exitCode);
  };
  // Node would open its debugger, by which any process of the same user could change what runs here.
  process.on("SIGUSR1", () => log("debugger_refused"));
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop("stopping", { signal }, 0));
  // Kubernetes counts and reports a container that exits, with this reason.
  const { code, words } = await supervisor.givenUp;
  leaveReason(settings.terminationLog, leftReason({ code, words }));
  await stop("given_up", { code, reason: words }, 1);
} catch (error) {
  log("could_not_start", { reason: messageOf(error) });
  process.exit(1);
}

import type { Failure } from "#schema/contracts/fleet.ts";
import { DriverFailure, type ReportStep } from "../driver.ts";
import { sleep } from "../retry.ts";
import type { BoxFolder } from "./box-folder.ts";
import { isReady } from "./box-health.ts";
import type { BoxProcess } from "./box-process.ts";

const BUDGET_MS = 360_000;
const LOOK_EVERY_MS = 200;
/** One crash may be a port that somebody else took; three are a loop. */
const CRASHES = 3;

/** Resolves once the box can answer. Throws `DriverFailure` for a crash loop and after six minutes. */
export async function waitUntilReady(
  process: BoxProcess,
  folder: BoxFolder,
  signal: AbortSignal,
  report: ReportStep,
): Promise<void> {
  const crashesBefore = process.crashes();
  const until = performance.now() + BUDGET_MS;
  await report("start", "the gateway is starting");
  while (!(await isReady(process, signal))) {
    signal.throwIfAborted();
    if (process.crashes() - crashesBefore >= CRASHES) {
      throw failed(
        "crash_loop",
        `The gateway ends again and again (${process.lastExit()}). Its log: ${folder.logFile}`,
      );
    }
    if (performance.now() > until) {
      throw failed("timeout", `The gateway did not become ready within six minutes. Its log: ${folder.logFile}`);
    }
    await sleep(LOOK_EVERY_MS, signal);
  }
  await report("start", "the gateway is ready");
}

const failed = (code: Failure["code"], message: string) => new DriverFailure({ code, message, retryable: true });

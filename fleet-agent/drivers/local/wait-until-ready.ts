import { sleep } from "#cluster/system/retry.ts";
import type { ReasonCode } from "#schema/domain/reasons/catalogue.ts";
import { DriverFailure, failureOf, type ReportStep } from "../driver.ts";
import type { BoxFolder } from "./box-folder.ts";
import { readinessOf } from "./box-health.ts";
import type { BoxProcess } from "./box-process.ts";

export interface WaitOptions {
  process: BoxProcess;
  folder: BoxFolder;
  /** The configuration that has to be in effect. */
  generation: number;
  signal: AbortSignal;
  report: ReportStep;
}

const BUDGET_MS = 360_000;
const LOOK_EVERY_MS = 200;
/** One crash may be a port conflict; three are a loop. */
const CRASHES = 3;
/** The supervisor reads its file at least every five seconds. */
const PROBLEM_MS = 10_000;

/** Resolves once the box is ready with its newest configuration. Throws `DriverFailure` for a crash loop, a rejected configuration, and after six minutes. */
export async function waitUntilReady(options: WaitOptions): Promise<void> {
  const { process, folder, generation, signal, report } = options;
  const crashesBefore = process.crashes();
  const since = performance.now();
  let restartsBefore: number | undefined;
  let told = "";
  for (;;) {
    const readiness = await readinessOf(process, signal);
    signal.throwIfAborted();
    if (readiness?.ok && (readiness.generation ?? 0) >= generation) break;
    const state = readiness?.reason ?? "the gateway is starting";
    const restarts = readiness?.gateway_restarts ?? 0;
    restartsBefore ??= readiness && restarts;
    const crashes = process.crashes() - crashesBefore + restarts - (restartsBefore ?? 0);
    const waitedMs = performance.now() - since;
    const trouble = troubleOf({ problem: readiness?.config_problem, crashes, waitedMs }, process.lastExit() ?? state);
    if (trouble) throw failed(trouble.code, `${trouble.message} Its log: ${folder.logFile}`);
    if (waitedMs > BUDGET_MS) throw failed("timeout", `The box did not become ready within six minutes (${state}).`);
    if (state !== told) await report("start", state);
    told = state;
    await sleep(LOOK_EVERY_MS, signal);
  }
  await report("start", "the gateway is ready");
}

interface Seen {
  /** The supervisor's problem with the configuration; for a moment it may still be about the previous one. */
  problem?: string | null | undefined;
  /** Ends of the supervisor and of the gateway under it while we wait. */
  crashes: number;
  waitedMs: number;
}

/** Why waiting longer is useless; undefined if it isn't. Pure. */
export function troubleOf({ problem, crashes, waitedMs }: Seen, lastExit: string) {
  if (problem && waitedMs > PROBLEM_MS) {
    return { code: "config_refused" as const, message: `The gateway rejects its configuration: ${problem}.` };
  }
  if (crashes < CRASHES) return undefined;
  return { code: "crash_loop" as const, message: `The gateway keeps exiting (${lastExit}).` };
}

const failed = (code: ReasonCode, message: string) => new DriverFailure(failureOf(code, message));

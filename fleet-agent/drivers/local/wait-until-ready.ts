import { sleep } from "#cluster/system/retry.ts";
import { REASONS, type ReasonCode } from "#schema/domain/reasons/catalogue.ts";
import { DriverFailure, failureOf, type ReportStep } from "../driver.ts";
import { type Readiness, TROUBLE_MS } from "../readiness.ts";
import type { BoxFolder } from "./box-folder.ts";
import { readinessOf, type Why, whyNot } from "./box-health.ts";
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
  const look = createLook(process, generation);
  let told = "";
  for (;;) {
    const readiness = await readinessOf(process, signal);
    signal.throwIfAborted();
    if (readiness?.ok && (readiness.generation ?? 0) >= generation) break;
    const state = readiness?.reason ?? "the gateway is starting";
    const seen = look(readiness);
    const found = troubleOf(seen, whyNot(readiness, process.lastExit()));
    if (found) throw failed(found.code, `${found.message} Its log: ${folder.logFile}`);
    if (seen.waitedMs > BUDGET_MS)
      throw failed("timeout", `The box did not become ready within six minutes (${state}).`);
    if (state !== told) await report("start", state);
    told = state;
    await sleep(LOOK_EVERY_MS, signal);
  }
  await report("start", "the gateway is ready");
}

/** What has been seen of the box since the first look. */
function createLook(process: BoxProcess, generation: number): (readiness: Readiness | undefined) => Seen {
  const since = performance.now();
  const crashesBefore = process.crashes();
  let restartsBefore: number | undefined;
  let trouble = { code: null as ReasonCode | null, since };
  return (readiness) => {
    const now = performance.now();
    const isCurrent = (readiness?.generation ?? 0) >= generation;
    const { code } = readiness && isCurrent ? lasting(readiness) : { code: null };
    if (code !== trouble.code) trouble = { code, since: now };
    const restarts = readiness?.gateway_restarts ?? 0;
    restartsBefore ??= readiness && restarts;
    const crashes = process.crashes() - crashesBefore + restarts - (restartsBefore ?? 0);
    const problem = readiness?.config_problem;
    return { problem, crashes, code, troubledMs: now - trouble.since, waitedMs: now - since };
  };
}

/** Of a gateway that is not up, only what no other start would mend: the rest is counted as crashes. */
function lasting(readiness: Readiness): { code: ReasonCode | null } {
  const { code } = whyNot(readiness, undefined);
  const isUp = readiness.gateway === "up";
  return { code: code !== null && (isUp || REASONS[code].job === "final") ? code : null };
}

interface Seen {
  /** The supervisor's problem with the configuration; for a moment it may still be about the previous one. */
  problem?: string | null | undefined;
  /** Ends of the supervisor and of the gateway under it while we wait. */
  crashes: number;
  waitedMs: number;
  /** Why the newest configuration does not work, and for how long. */
  code: ReasonCode | null;
  troubledMs: number;
}

/** Why waiting longer is useless; undefined if it isn't. Pure. */
export function troubleOf({ problem, crashes, waitedMs, code, troubledMs }: Seen, why: Why) {
  if (problem && waitedMs > PROBLEM_MS) {
    const isFull = problem.includes("ENOSPC");
    if (isFull) return { code: "disk_full" as const, message: `The disk of this machine is full (${problem}).` };
    return { code: "config_refused" as const, message: `The gateway rejects its configuration: ${problem}.` };
  }
  // One that is only not ready may take its time.
  if (code !== null && code !== "not_ready" && troubledMs > TROUBLE_MS[REASONS[code].job])
    return { code, message: `The box does not become ready: ${why.words}.` };
  if (crashes < CRASHES) return undefined;
  return { code: why.code ?? ("crash_loop" as const), message: `The gateway keeps exiting (${why.words}).` };
}

const failed = (code: ReasonCode, message: string) => new DriverFailure(failureOf(code, message));

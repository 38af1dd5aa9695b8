import { readFileSync, rmSync } from "node:fs";
import * as z from "zod";
import { sleep } from "../../retry.ts";
import { startOf } from "./process-identity.ts";
import { writeAtomically } from "./write-atomically.ts";

const Content = z.object({ pid: z.int().min(2), started: z.string() });
export type RunningProcess = z.infer<typeof Content>;

/** Remembers a running process across a crash of this one. */
export function writePidFile(file: string, pid: number): void {
  const started = startOf(pid);
  if (started) writeAtomically(file, JSON.stringify({ pid, started }));
}

export const removePidFile = (file: string): void => rmSync(file, { force: true });

/** The process that the file names, if that very process still runs: not another that got its number since. */
export function readPidFile(file: string): RunningProcess | undefined {
  try {
    const content = Content.parse(JSON.parse(readFileSync(file, "utf8")));
    return startOf(content.pid) === content.started ? content : undefined;
  } catch {
    return undefined;
  }
}

/** Ends what a killed agent left running, its children included. Two gateways of one bot would fight over its messages. */
export async function endOrphan(file: string, graceMs = 10_000): Promise<boolean> {
  const orphan = readPidFile(file);
  if (orphan) await endProcess(orphan, graceMs);
  removePidFile(file);
  return orphan !== undefined;
}

async function endProcess({ pid, started }: RunningProcess, graceMs: number): Promise<void> {
  signalProcess(pid, "SIGTERM");
  for (const until = performance.now() + graceMs; performance.now() < until; await sleep(50)) {
    if (startOf(pid) !== started) break;
  }
  signalGroup(pid, "SIGKILL");
}

const signalProcess = (pid: number, signal: NodeJS.Signals): void => ignoreGone(() => process.kill(pid, signal));

/** The process and everything it started: boxes are leaders of their own group. */
export const signalGroup = (pid: number, signal: NodeJS.Signals): void => ignoreGone(() => process.kill(-pid, signal));

function ignoreGone(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "ESRCH") throw error;
  }
}

import { linkSync, readFileSync, rmSync } from "node:fs";
import * as z from "zod";
import { writeAtomically } from "./atomic-file.ts";
import { startOf } from "./process-identity.ts";
import { sleep } from "./retry.ts";

/** How long a killed process is waited for. */
const KILLED_MS = 5_000;

const Content = z.object({ pid: z.int().min(2), started: z.string() });
export type RunningProcess = z.infer<typeof Content>;

/** Records a running process across a crash of this one. */
export function writePidFile(file: string, pid: number): void {
  const started = startOf(pid);
  if (started) writeAtomically(file, JSON.stringify({ pid, started } satisfies RunningProcess));
}

export const removePidFile = (file: string): void => rmSync(file, { force: true });

/** The process that the file names, if it still runs and its id was not reused. */
export function readPidFile(file: string): RunningProcess | undefined {
  try {
    const content = Content.parse(JSON.parse(readFileSync(file, "utf8")));
    return startOf(content.pid) === content.started ? content : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes this process the one that the file names, unless one that runs has it: that one is returned. Two that take it
 * over from a dead one in the same instant may both get it.
 */
export function claimPidFile(file: string): RunningProcess | undefined {
  const own = `${file}.${process.pid}`;
  writePidFile(own, process.pid);
  try {
    while (!linked(own, file)) {
      const holder = readPidFile(file);
      if (holder) return holder;
      removePidFile(file);
    }
    return undefined;
  } finally {
    removePidFile(own);
  }
}

/** A link, unlike a write, fails if the file exists. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Kills what a killed process left running, its children included. Returns whether there was one. */
export async function endOrphan(file: string, graceMs = 10_000): Promise<boolean> {
  const orphan = readPidFile(file);
  if (orphan) await endProcess(orphan, graceMs);
  removePidFile(file);
  return orphan !== undefined;
}

async function endProcess(orphan: RunningProcess, graceMs: number): Promise<void> {
  signal(orphan.pid, "SIGTERM");
  await gone(orphan, graceMs);
  signalGroup(orphan.pid, "SIGKILL");
  // The kernel takes a moment, in which its ports and locks are still held.
  await gone(orphan, KILLED_MS);
}

async function gone({ pid, started }: RunningProcess, withinMs: number): Promise<void> {
  for (const end = performance.now() + withinMs; startOf(pid) === started; await sleep(20)) {
    if (performance.now() >= end) return;
  }
}

/** The process group, which has everything that the process started. */
export const signalGroup = (pid: number, name: NodeJS.Signals): void => signal(-pid, name);

function signal(target: number, name: NodeJS.Signals): void {
  try {
    process.kill(target, name);
  } catch (error) {
    // It is gone; macOS says EPERM of a group whose processes have ended and were not collected yet.
    if (codeOf(error) !== "ESRCH" && codeOf(error) !== "EPERM") throw error;
  }
}

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException).code;

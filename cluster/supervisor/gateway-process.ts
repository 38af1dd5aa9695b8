import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { log } from "./log.ts";

export interface GatewayOptions {
  command: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  /** Called with each new process. */
  onStart?: (pid: number) => void;
  /** Called with each line that it prints; all of them also go to our own stdout. */
  onLine?: (line: string) => void;
  backoff?: Backoff;
  /** Called when it has ended FAILED_STARTS times in a row; it is not started again. `how` has no secret in it. */
  onGivenUp: (how: string) => void;
  /**
   * How long a stop may take before the process is killed: OpenClaw would let a running turn go on for minutes. What it
   * keeps is in SQLite and holds through a kill.
   */
  graceMs: number;
}

interface Backoff {
  firstMs: number;
  maxMs: number;
  /** A process that lived this long starts the count anew. */
  healthyAfterMs: number;
}

export interface Gateway {
  state(): { running: boolean; pid: number | null; startedAt: number; restarts: number; lastExit: string | null };
  /** Ends the process at once; the loop starts the next one. */
  kill(reason: string): void;
  /** Ends it cleanly and for good. */
  stop(): Promise<void>;
}

/** Quick ends in a row after which starting it again and again helps nobody: whoever runs us has to know. */
const FAILED_STARTS = 3;

const BACKOFF: Backoff = { firstMs: 1_000, maxMs: 30_000, healthyAfterMs: 60_000 };

/** OpenClaw's exit code for a configuration that it refuses. */
const EX_CONFIG = 78;

/** Keeps one gateway process running until `stop`, or until it is hopeless. The process leads its own group, so what it started ends with it. */
export function keepGatewayRunning(options: GatewayOptions): Gateway {
  const backoff = options.backoff ?? BACKOFF;
  const current = {
    child: undefined as ChildProcess | undefined,
    startedAt: 0,
    restarts: 0,
    lastExit: null as string | null,
  };
  let [failures, stopping] = [0, false];
  let timer: NodeJS.Timeout | undefined;

  const start = () => {
    const { command, args, cwd, env } = options;
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    for (const stream of [child.stdout, child.stderr]) passOn(stream, options.onLine);
    current.child = child;
    current.startedAt = Date.now();
    if (child.pid) options.onStart?.(child.pid);
    child.once("error", (error) => ended(child, error.message));
    child.once("exit", (code, signal) => ended(child, describeExit(code, signal)));
  };
  const ended = (child: ChildProcess, how: string) => {
    if (current.child !== child) return;
    killGroup(child, "SIGKILL");
    current.child = undefined;
    current.lastExit = how;
    if (stopping) return;
    failures = Date.now() - current.startedAt >= backoff.healthyAfterMs ? 1 : failures + 1;
    if (failures >= FAILED_STARTS) return options.onGivenUp(how);
    current.restarts += 1;
    const waitMs = delayFor(failures, backoff);
    log("gateway_ended", { how, restarts: current.restarts, next_start_ms: waitMs });
    timer = setTimeout(start, waitMs);
  };
  start();

  return {
    state: () => ({ ...current, running: current.child !== undefined, pid: current.child?.pid ?? null }),
    kill(reason) {
      log("gateway_killed", { reason });
      if (current.child) killGroup(current.child, "SIGKILL");
    },
    async stop() {
      stopping = true;
      clearTimeout(timer);
      if (current.child) await stopChild(current.child, options.graceMs);
    },
  };
}

/** Doubles from `firstMs` up to `maxMs`. `failures` counts from 1. */
export function delayFor(failures: number, { firstMs, maxMs }: Pick<Backoff, "firstMs" | "maxMs">): number {
  return Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 20));
}

async function stopChild(child: ChildProcess, graceMs: number): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const killer = setTimeout(() => killGroup(child, "SIGKILL"), graceMs);
  await exited;
  clearTimeout(killer);
}

function passOn(stream: Readable, onLine: (line: string) => void = () => {}): void {
  createInterface(stream).on("line", (line) => {
    process.stdout.write(`${line}\n`);
    onLine(line);
  });
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (!child.pid) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

function describeExit(code: number | null, signal: string | null): string {
  if (signal) return `ended by ${signal}`;
  return code === EX_CONFIG ? "refused its configuration" : `exited with ${code}`;
}

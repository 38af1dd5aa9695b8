import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { type Backoff, KeptProcess } from "#cluster/system/keep-running.ts";
import { log } from "./log.ts";

export interface GatewayOptions {
  command: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  /** Called before each start, when the process before and all that it started have ended. */
  beforeStart?: () => void;
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

/** Quick exits in a row after which the supervisor gives up and reports it. */
const FAILED_STARTS = 3;

const BACKOFF: Backoff = { firstMs: 1_000, capMs: 30_000, steadyMs: 60_000 };

/** OpenClaw's exit code for a rejected configuration. */
const EX_CONFIG = 78;

/** Keeps one gateway process running until `stop`, or until it has failed too often. */
export function keepGatewayRunning({ command, args, cwd, env, graceMs, ...options }: GatewayOptions): KeptProcess {
  const gateway: KeptProcess = new KeptProcess({
    start() {
      options.beforeStart?.();
      const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
      for (const stream of [child.stdout, child.stderr]) passOn(stream, options.onLine);
      if (child.pid) options.onStart?.(child.pid);
      return child;
    },
    onEnd: (code) => (code === EX_CONFIG ? "rejected its configuration" : undefined),
    onCrash({ how, crashes, waitMs }) {
      const hopeless = crashes >= FAILED_STARTS;
      if (hopeless) options.onGivenUp(how);
      else log("gateway_ended", { how, restarts: gateway.state().restarts + 1, next_start_ms: waitMs });
      return !hopeless;
    },
    backoff: options.backoff ?? BACKOFF,
    graceMs,
  });
  return gateway;
}

function passOn(stream: Readable, onLine: (line: string) => void = () => {}): void {
  createInterface(stream).on("line", (line) => {
    process.stdout.write(`${line}\n`);
    onLine(line);
  });
}

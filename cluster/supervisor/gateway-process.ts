import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { type Backoff, KeptProcess } from "#cluster/system/keep-running.ts";
import { log } from "./log.ts";
import type { Failing } from "./trouble.ts";
import { whyEnded } from "./why-ended.ts";

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
  /** Whether it has no room left to write. */
  volumeIsFull?: () => boolean;
  /** Called at each end that was not asked for; the words have no secret in them. */
  onEnd?: (why: Failing) => void;
  /** Called when it has ended FAILED_STARTS times in a row; it is not started again. */
  onGivenUp: (why: Failing) => void;
  /**
   * How long a stop may take before the process is killed: OpenClaw would let a running turn go on for minutes. What it
   * keeps is in SQLite and holds through a kill.
   */
  graceMs: number;
}

/** Quick exits in a row after which the supervisor gives up and reports it. */
const FAILED_STARTS = 3;

const BACKOFF: Backoff = { firstMs: 1_000, capMs: 30_000, steadyMs: 60_000 };

/** Lines that are kept of a process, to tell why it ended. */
const LAST_WORDS = 40;

/** Keeps one gateway process running until `stop`, or until it has failed too often. */
export function keepGatewayRunning({ command, args, cwd, env, graceMs, ...options }: GatewayOptions): KeptProcess {
  let lastWords: string[] = [];
  let why: Failing = { code: "crash_loop", words: "not started yet" };
  const onLine = (line: string) => {
    lastWords = [...lastWords.slice(1 - LAST_WORDS), line];
    options.onLine?.(line);
  };
  const gateway: KeptProcess = new KeptProcess({
    start() {
      lastWords = [];
      options.beforeStart?.();
      const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
      for (const stream of [child.stdout, child.stderr]) passOn(stream, onLine);
      if (child.pid) options.onStart?.(child.pid);
      return child;
    },
    onEnd(exitCode, how) {
      why = whyEnded({ exitCode, how, lastWords, volumeIsFull: options.volumeIsFull?.() ?? false });
      return why.words;
    },
    onCrash({ crashes, waitMs }) {
      const hopeless = crashes >= FAILED_STARTS;
      options.onEnd?.(why);
      if (hopeless) options.onGivenUp(why);
      else
        log("gateway_ended", {
          code: why.code,
          how: why.words,
          restarts: gateway.state().restarts + 1,
          next_start_ms: waitMs,
        });
      return !hopeless;
    },
    backoff: options.backoff ?? BACKOFF,
    graceMs,
  });
  return gateway;
}

function passOn(stream: Readable, onLine: (line: string) => void): void {
  createInterface(stream).on("line", (line) => {
    process.stdout.write(`${line}\n`);
    onLine(line);
  });
}

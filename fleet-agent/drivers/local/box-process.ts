import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import type { Logger } from "../../log.ts";
import { sleep } from "../../retry.ts";
import type { BoxFolder } from "./box-folder.ts";
import { freePorts } from "./free-ports.ts";
import { removePidFile, signalGroup, writePidFile } from "./pid-file.ts";
import { writeAtomically } from "./write-atomically.ts";

export interface BoxProcessOptions {
  folder: BoxFolder;
  /** The supervisor: a program and its arguments. */
  command: readonly [string, ...string[]];
  environment: Record<string, string>;
  log: Logger;
  stopGraceMs?: number;
  /** Wait before the second start; doubles with each crash up to a minute. */
  backoffMs?: number;
}

/** A supervisor that runs, and is started again whenever it ends by itself. */
export interface BoxProcess {
  /** The supervisor's health server; undefined between two starts. */
  healthUrl(): string | undefined;
  /** How often it ended by itself since it last held out for five minutes. */
  crashes(): number;
  lastExit(): string | undefined;
  /** Ends it; resolves when it and all it started are gone. */
  stop(): Promise<void>;
}

const STEADY_MS = 300_000;
/** An idle gateway stops within two seconds; nobody at a terminal waits for a stuck one. Its state is in SQLite, which survives. */
const STOP_GRACE_MS = 8_000;
/** The supervisor's own, for the gateway: it leads a group of its own, so only the supervisor can still end it. */
const GATEWAY_GRACE_SECONDS = 6;
const BACKOFF_CAP_MS = 60_000;

export function startBoxProcess(options: BoxProcessOptions): BoxProcess {
  const stopping = new AbortController();
  const state: State = { crashes: 0, healthUrl: undefined, lastExit: undefined };
  const ended = keepRunning(options, state, stopping.signal);
  return {
    healthUrl: () => state.healthUrl,
    crashes: () => state.crashes,
    lastExit: () => state.lastExit,
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

interface State {
  crashes: number;
  healthUrl: string | undefined;
  lastExit: string | undefined;
}

async function keepRunning(options: BoxProcessOptions, state: State, stopping: AbortSignal): Promise<void> {
  const { folder, log } = options;
  while (!stopping.aborted) {
    const since = performance.now();
    state.lastExit = await runOnce(options, state, stopping).catch((error: Error) => error.message);
    state.healthUrl = undefined;
    removePidFile(folder.pidFile);
    if (stopping.aborted) return;
    state.crashes = performance.now() - since > STEADY_MS ? 1 : state.crashes + 1;
    log.warn(
      { box: folder.boxId, exit: state.lastExit, crashes: state.crashes, see: folder.logFile },
      "a box ended by itself",
    );
    const wait = (options.backoffMs ?? 1_000) * 2 ** Math.min(state.crashes - 1, 10);
    await sleep(Math.min(BACKOFF_CAP_MS, wait), stopping).catch(() => undefined);
  }
}

/** One life of the supervisor; returns how it ended. */
async function runOnce(options: BoxProcessOptions, state: State, stopping: AbortSignal): Promise<string> {
  const { folder } = options;
  const [gatewayPort = 0, healthPort = 0] = await freePorts(2);
  if (stopping.aborted) return "stopped";
  const child = launch(options, { GATEWAY_PORT: String(gatewayPort), HEALTH_PORT: String(healthPort) });
  const exit = exitOf(child);
  const { pid } = child;
  if (pid === undefined) return exit;
  writePidFile(folder.pidFile, pid);
  state.healthUrl = `http://127.0.0.1:${healthPort}`;
  const stop = () => void endGently(child, pid, options.stopGraceMs ?? STOP_GRACE_MS);
  stopping.addEventListener("abort", stop, { once: true });
  if (stopping.aborted) stop();
  try {
    const how = await exit;
    return reasonLeft(folder.terminationLog) || how;
  } finally {
    stopping.removeEventListener("abort", stop);
    // Whatever the supervisor left behind would go on polling the bot.
    signalGroup(pid, "SIGKILL");
  }
}

/** In a group of its own: Ctrl-C at a terminal reaches the agent only, which then stops its boxes in order. */
function launch({ folder, command, environment }: BoxProcessOptions, ports: Record<string, string>): ChildProcess {
  const [program, ...rest] = command;
  folder.rotateLog();
  const output = openSync(folder.logFile, "a", 0o600);
  const env = {
    ...environment,
    ...ports,
    BOX_CONFIG_DIR: folder.configDir,
    STATE_DIR: folder.stateDir,
    BIND_HOST: "127.0.0.1",
    STOP_GRACE_SECONDS: String(GATEWAY_GRACE_SECONDS),
    TERMINATION_LOG: folder.terminationLog,
  };
  writeAtomically(folder.terminationLog, "");
  try {
    return spawn(program, rest, { env, cwd: folder.stateDir, detached: true, stdio: ["ignore", output, output] });
  } finally {
    closeSync(output);
  }
}

function reasonLeft(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}

function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
  });
}

async function endGently(child: ChildProcess, pid: number, graceMs: number): Promise<void> {
  const gone = new AbortController();
  child.once("exit", () => gone.abort());
  child.kill("SIGTERM");
  await sleep(graceMs, gone.signal).then(
    () => signalGroup(pid, "SIGKILL"),
    () => undefined,
  );
}

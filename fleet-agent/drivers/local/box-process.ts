import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readIfThere, writeAtomically } from "#cluster/system/atomic-file.ts";
import { freePorts } from "#cluster/system/free-port.ts";
import { KeptProcess } from "#cluster/system/keep-running.ts";
import { removePidFile, writePidFile } from "#cluster/system/pid-file.ts";
import type { Logger } from "../../log.ts";
import type { BoxFolder } from "./box-folder.ts";

export interface BoxProcessOptions {
  folder: BoxFolder;
  /** The supervisor: a program and its arguments. */
  command: readonly [string, ...string[]];
  environment: Record<string, string>;
  log: Logger;
  stopGraceMs?: number;
  /** Wait before the second start; doubles with each crash up to a minute. */
  backoffMs?: number;
  /** How often the log of the running process is looked at. */
  lookAtLogMs?: number;
}

/** A running supervisor that is restarted whenever it exits. */
export interface BoxProcess {
  /** The supervisor's health server; undefined between two starts. */
  healthUrl(): string | undefined;
  /** How often it exited since it last ran for five minutes. */
  crashes(): number;
  /** How often it was started again. */
  restarts(): number;
  lastExit(): string | undefined;
  /** Stops it; resolves when it and its children have exited. */
  stop(): Promise<void>;
}

const STEADY_MS = 300_000;
/** An idle gateway stops within two seconds, and nobody at a terminal waits for a stuck one. Its state is in SQLite, so killing it loses nothing. */
const STOP_GRACE_MS = 8_000;
/** The supervisor's grace for the gateway, which has its own process group, so only the supervisor can stop it. */
const GATEWAY_GRACE_SECONDS = 6;
const BACKOFF_CAP_MS = 60_000;
const LOOK_AT_LOG_MS = 60_000;

export function startBoxProcess(options: BoxProcessOptions): BoxProcess {
  const { folder, log, backoffMs = 1_000, stopGraceMs = STOP_GRACE_MS, lookAtLogMs = LOOK_AT_LOG_MS } = options;
  let healthUrl: string | undefined;
  const kept = new KeptProcess({
    async start(stopping) {
      const [gatewayPort, healthPort] = await freePorts(2);
      stopping.throwIfAborted();
      const child = launch(options, { GATEWAY_PORT: String(gatewayPort), HEALTH_PORT: String(healthPort) });
      if (child.pid !== undefined) writePidFile(folder.pidFile, child.pid);
      healthUrl = `http://127.0.0.1:${healthPort}`;
      return child;
    },
    onEnd() {
      healthUrl = undefined;
      removePidFile(folder.pidFile);
      return readIfThere(folder.terminationLog)?.trim() || undefined;
    },
    onCrash({ how, crashes }) {
      log.warn({ box: folder.boxId, exit: how, crashes, see: folder.logFile }, "a box's process exited");
      return true;
    },
    backoff: { firstMs: backoffMs, capMs: BACKOFF_CAP_MS, steadyMs: STEADY_MS },
    graceMs: stopGraceMs,
  });
  const turning = setInterval(() => keepLogSmall(folder, log), lookAtLogMs).unref();
  return {
    healthUrl: () => healthUrl,
    crashes: () => kept.state().crashes,
    restarts: () => kept.state().restarts,
    lastExit: () => kept.state().lastExit ?? undefined,
    stop: () => {
      clearInterval(turning);
      return kept.stop();
    },
  };
}

/** On a full disk it stays as it is. */
function keepLogSmall(folder: BoxFolder, log: Logger): void {
  try {
    folder.turnLogOver();
  } catch (error) {
    log.warn({ err: error, box: folder.boxId }, "a box's log can't be turned over");
  }
}

/** In its own process group: Ctrl-C reaches only the agent, which then stops its boxes in order. */
function launch({ folder, command, environment }: BoxProcessOptions, ports: Record<string, string>): ChildProcess {
  const [program, ...rest] = command;
  folder.turnLogOver();
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

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { endWithUs } from "#cluster/system/lifeline.ts";
import { childEnvironment } from "./config.ts";
import { REPOSITORY } from "./repository.ts";

export interface AgentOptions {
  /** Added to the environment; what it holds is in fleet-agent/config.ts. */
  env: Record<string, string>;
  /** Gets each line the agent logs: one JSON event. */
  onLog?: ((line: string) => void) | undefined;
}

export interface AgentProcess {
  pid: number;
  /** SIGTERM, and waits until it has ended; `SIGKILL` to see what a crash leaves. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  exited: Promise<number | null>;
}

/** Runs the fleet-agent as a process of its own, as a cluster does. */
export function startAgent({ env, onLog }: AgentOptions): AgentProcess {
  const child = spawn(process.execPath, [join(REPOSITORY, "fleet-agent/main.ts"), "run"], {
    cwd: REPOSITORY,
    env: { ...childEnvironment(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    // Ctrl-C at a terminal reaches the whole group, and the agent takes a second signal for impatience: one is ours to send.
    detached: true,
  });
  endWithUs(child);
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (line) => onLog?.(line));
  const exited = once(child, "exit").then(([code]) => code as number | null);
  if (child.pid === undefined) throw new Error("the fleet-agent could not be started");
  return { pid: child.pid, exited, stop: (signal = "SIGTERM") => stop(child, exited, signal) };
}

async function stop(child: ChildProcess, exited: Promise<unknown>, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  const force = setTimeout(() => child.kill("SIGKILL"), 20_000);
  await exited;
  clearTimeout(force);
}

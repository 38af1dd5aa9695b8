import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type KeepRunningOptions, KeptProcess } from "#cluster/system/keep-running.ts";
import { endWithUs } from "#cluster/system/lifeline.ts";
import { childEnvironment } from "./config.ts";
import { REPOSITORY } from "./repository.ts";

export interface AgentOptions {
  /** Added to the environment; what it holds is in fleet-agent/config.ts. */
  env: Record<string, string>;
  /** Gets each line the agent logs: one JSON event. */
  onLog?: ((line: string) => void) | undefined;
  /** Whether an agent that ended by itself is started again. Default: it is not. */
  onCrash?: KeepRunningOptions["onCrash"] | undefined;
}

export interface AgentProcess {
  /** @throws where it does not run */
  readonly pid: number;
  /** SIGTERM, and waits until it has ended; `SIGKILL` to see what a crash leaves. */
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
}

const AGAIN_MS = 5_000;

/** Runs the fleet-agent as a process of its own, as a cluster does. */
export function startAgent({ env, onLog, onCrash = () => false }: AgentOptions): AgentProcess {
  const agent = new KeptProcess({
    start() {
      const child = spawn(process.execPath, [join(REPOSITORY, "fleet-agent/main.ts"), "run"], {
        cwd: REPOSITORY,
        env: { ...childEnvironment(), ...env },
        stdio: ["ignore", "pipe", "pipe"],
        // Ctrl-C reaches the whole process group, and a second signal ends the agent at once: so it gets only ours.
        detached: true,
      });
      endWithUs(child);
      for (const stream of [child.stdout, child.stderr])
        createInterface({ input: stream }).on("line", (line) => onLog?.(line));
      return child;
    },
    onCrash,
    backoff: { firstMs: AGAIN_MS, capMs: AGAIN_MS, steadyMs: 0 },
    graceMs: 20_000,
  });
  return {
    get pid() {
      const { pid } = agent.state();
      if (pid === null) throw new Error("the fleet-agent does not run");
      return pid;
    },
    stop(signal = "SIGTERM") {
      if (signal === "SIGKILL") agent.kill();
      return agent.stop();
    },
  };
}

/** Simulated fleet-agents as processes that are killed without a word, and started again. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { childEnvironment } from "#cluster/local/config.ts";
import { endWithUs } from "#cluster/system/lifeline.ts";
import type { World } from "./world.ts";

export interface Agents {
  start(place: string): void;
  /** SIGKILL. @returns how many boxes it was at work on. */
  kill(place: string): Promise<number>;
  running(): string[];
  /** What the process at this place has done since it was started. */
  deeds(place: string): number;
  stop(): Promise<void>;
}

const PROGRAM = fileURLToPath(import.meta.resolve("./world-agent.ts"));

/** `place` is an agent's instance: one process at a time lives there. */
export function createAgents(world: World, env: Record<string, string>, seed: number): Agents {
  const processes = new Map<string, { child: ChildProcess; name: string }>();
  let started = 0;

  const end = async (place: string, signal: NodeJS.Signals): Promise<string> => {
    const { child, name } = processes.get(place) ?? missing(place);
    processes.delete(place);
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
    return name;
  };

  return {
    start(place) {
      started += 1;
      const name = `${place}#${started}`;
      const child = spawn(process.execPath, [PROGRAM, world.url, name, String(seed + started)], {
        env: { ...childEnvironment(), DRIVER: "local", LOG_LEVEL: "fatal", AGENT_INSTANCE: place, ...env },
        stdio: ["ignore", "ignore", "inherit"],
      });
      endWithUs(child);
      processes.set(place, { child, name });
    },
    async kill(place) {
      const name = await end(place, "SIGKILL");
      const busy = world.busyAt(place).length;
      world.killed(name);
      return busy;
    },
    deeds: (place) => world.count(processes.get(place)?.name ?? ""),
    running: () => [...processes.keys()],
    stop: async () => void (await Promise.all([...processes.keys()].map((place) => end(place, "SIGTERM")))),
  };
}

function missing(place: string): never {
  throw new Error(`no agent runs at ${place}`);
}

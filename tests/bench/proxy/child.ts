/** Child processes of the benchmark: each its own event loop, so that none delays another's clock. */
import { type ChildProcess, fork, type Serializable, spawn } from "node:child_process";
import { createWriteStream, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { childEnvironment } from "#cluster/local/config.ts";

export interface Child {
  pid: number;
  /** Sends a message and waits for the next one. */
  ask<Answer>(message: Serializable): Promise<Answer>;
  stop(): Promise<void>;
}

/** A module of this folder in a process of its own. */
export function forkModule(file: string): Child {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    serialization: "advanced",
    env: childEnvironment(),
  });
  return {
    pid: child.pid ?? 0,
    ask: (message) => {
      const answer = nextMessage(child);
      child.send(message);
      return answer as Promise<never>;
    },
    stop: () => stop(child),
  };
}

/** The first message of a module that is ready as soon as it says so. */
export async function forkServer(file: string, start: Serializable): Promise<{ child: Child; url: string }> {
  const child = forkModule(file);
  const { url } = await child.ask<{ url: string }>(start);
  return { child, url };
}

function nextMessage(child: ChildProcess): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const gone = () => reject(new Error(`${child.spawnargs.at(-1)} has ended`));
  child.once("message", resolve).once("exit", gone);
  return promise.finally(() => child.off("message", resolve).off("exit", gone));
}

/** Another program, ready once `probe` answers. Its words go to `logFile`, whose end is shown when it does not start. */
export async function startProgram(
  command: string[],
  env: Record<string, string>,
  logFile: string,
  probe: () => Promise<boolean>,
): Promise<{ pid: number; stop(): Promise<void> }> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { env: { ...childEnvironment(), ...env }, stdio: ["ignore", "pipe", "pipe"] });
  // Nobody else would end it when the benchmark is interrupted.
  process.once("exit", () => child.kill("SIGKILL"));
  const log = createWriteStream(logFile);
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  const end = performance.now() + 120_000;
  while (!(await probe().catch(() => false))) {
    if (child.exitCode === null && performance.now() < end) {
      await new Promise((done) => setTimeout(done, 200));
      continue;
    }
    await stop(child);
    throw new Error(`it did not start:\n${readFileSync(logFile, "utf8").slice(-1_500)}`);
  }
  return { pid: child.pid ?? 0, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once("exit", done));
  const hard = setTimeout(() => child.kill("SIGKILL"), 5_000);
  if (child.connected) child.disconnect();
  else child.kill("SIGTERM");
  await gone;
  clearTimeout(hard);
}

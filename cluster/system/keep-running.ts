import type { ChildProcess } from "node:child_process";
import { signalGroup } from "./pid-file.ts";
import { sleep } from "./retry.ts";

export interface KeepRunningOptions {
  /** Starts it, `detached`: the leader of a group of its own, so that what it started ends with it. */
  start(signal: AbortSignal): ChildProcess | Promise<ChildProcess>;
  /** Called at each exit, wanted or not; may return a better description. */
  onEnd?(exitCode: number | null, how: string): string | undefined;
  /** Called when it exited by itself; false: don't restart it. */
  onCrash(crash: Crash): boolean;
  backoff: Backoff;
  /** How long a stop may take before the process group is killed. */
  graceMs: number;
}

export interface Crash {
  /** The exit as text, without the program's output. */
  how: string;
  /** Exits in a row, this one included. */
  crashes: number;
  /** The pause until the next start. */
  waitMs: number;
}

export interface Backoff {
  /** The first pause; each is twice the one before. */
  firstMs: number;
  capMs: number;
  /** After a process that ran this long, the count starts again. */
  steadyMs: number;
}

export interface KeptState {
  running: boolean;
  pid: number | null;
  /** Of the last start, by the wall clock. */
  startedAt: number;
  restarts: number;
  /** Ends by itself in a row. */
  crashes: number;
  lastExit: string | null;
}

/** A process that is restarted whenever it exits, until `stop`. */
export class KeptProcess {
  readonly #options: KeepRunningOptions;
  readonly #stopping = new AbortController();
  readonly #over: Promise<void>;
  #child: ChildProcess | undefined;
  #state = { startedAt: 0, restarts: 0, crashes: 0, lastExit: null as string | null };

  constructor(options: KeepRunningOptions) {
    this.#options = options;
    this.#over = this.#run(this.#stopping.signal);
  }

  state(): KeptState {
    return { ...this.#state, running: this.#child !== undefined, pid: this.#child?.pid ?? null };
  }

  /** Kills the process; the next one is started. */
  kill(): void {
    if (this.#child) killAll(this.#child);
  }

  /** Stops it cleanly and permanently; resolves when it and its children have exited. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#over;
  }

  async #run(stopping: AbortSignal): Promise<void> {
    const state = this.#state;
    const { backoff, onCrash } = this.#options;
    while (!stopping.aborted) {
      state.startedAt = Date.now();
      state.lastExit = await this.#live(stopping).catch((error: Error) => error.message);
      if (stopping.aborted) return;
      state.crashes = Date.now() - state.startedAt >= backoff.steadyMs ? 1 : state.crashes + 1;
      const waitMs = waitAfter(state.crashes, backoff);
      if (!onCrash({ how: state.lastExit, crashes: state.crashes, waitMs })) return;
      state.restarts += 1;
      await sleep(waitMs, stopping).catch(() => undefined);
    }
  }

  /** One life of it; how it ended. */
  async #live(stopping: AbortSignal): Promise<string> {
    const { start, onEnd, graceMs } = this.#options;
    const starting = start(stopping);
    const child = starting instanceof Promise ? await starting : starting;
    this.#child = child;
    const stop = () => void endGently(child, graceMs);
    stopping.addEventListener("abort", stop, { once: true });
    if (stopping.aborted) stop();
    const { how, code } = await exitOf(child);
    stopping.removeEventListener("abort", stop);
    this.#child = undefined;
    killAll(child);
    return onEnd?.(code, how) ?? how;
  }
}

/** Doubles up to the cap. `crashes` counts from 1. */
export const waitAfter = (crashes: number, { firstMs, capMs }: Pick<Backoff, "firstMs" | "capMs">): number =>
  Math.min(capMs, firstMs * 2 ** Math.min(crashes - 1, 20));

function exitOf(child: ChildProcess): Promise<{ how: string; code: number | null }> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ how: error.message, code: null }));
    child.once("exit", (code, by) => resolve({ how: by ? `ended by ${by}` : `exited with ${code}`, code }));
  });
}

async function endGently(child: ChildProcess, graceMs: number): Promise<void> {
  const gone = new AbortController();
  child.once("exit", () => gone.abort());
  child.kill("SIGTERM");
  await sleep(graceMs, gone.signal).then(
    () => killAll(child),
    () => undefined,
  );
}

function killAll({ pid }: ChildProcess): void {
  if (pid !== undefined) signalGroup(pid, "SIGKILL");
}

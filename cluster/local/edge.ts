import type { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions as workerOptionsOf } from "wrangler";
import { endWithUs } from "#cluster/system/lifeline.ts";
import { quietWrangler, withTemporaryFolder } from "./config.ts";
import { REPOSITORY } from "./repository.ts";
import { runTool } from "./run-tool.ts";

export interface EdgeOptions {
  /** The Worker's variables and secrets. */
  vars: Record<string, string>;
  host?: string;
  /** 0: a free one. */
  port?: number;
  /** Where Durable Objects keep their storage; in memory if absent. */
  persistTo?: string | undefined;
  /** The bundle to run; `bundleWorker` makes it. */
  bundle: string;
  /** For temporary files. Default: the system's folder. */
  scratch?: string;
  /** Gets each line the Worker logs. */
  onLog?: ((line: string) => void) | undefined;
}

export interface Edge {
  url: string;
  /** Runs the cron trigger, as Cloudflare does each minute. */
  runCron(): Promise<void>;
  close(): Promise<void>;
}

/** Bundles the Worker with wrangler, byte for byte what a deployment would upload. @returns the folder of the bundle. */
export async function bundleWorker(outdir: string): Promise<string> {
  const env = { WRANGLER_SEND_METRICS: "false", WRANGLER_LOG: "error" };
  await runTool("the Worker", ["wrangler", "deploy", "--dry-run", "--outdir", outdir], env);
  return outdir;
}

/** Runs the bundled Worker with its Durable Objects and assets in workerd, configured by the root wrangler.toml. */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  quietWrangler();
  const { workerOptions } = workerOptionsOf(join(REPOSITORY, "wrangler.toml"));
  const modules = await modulesIn(options.bundle);
  const settings = convertV4MiniflareOptions({
    // Miniflare's own servers and paths (traces, triggers, proxies) stay on this machine; the Worker listens beside them.
    host: "127.0.0.1",
    cf: false,
    // Without its warnings: Ctrl-C ends workerd together with us, which it reports as a crash.
    log: new Log(LogLevel.ERROR),
    handleStructuredLogs: ({ message }) => options.onLog?.(message),
    ...(options.persistTo && { resourcePersistencePath: options.persistTo }),
    workers: [
      {
        ...workerOptions,
        name: "openclaw-cloud",
        rootPath: options.bundle,
        modulesRoot: options.bundle,
        modules,
        bindings: options.vars,
        unsafeDirectSockets: [{ host: options.host ?? "127.0.0.1", port: options.port ?? 0 }],
      },
    ],
  });
  const miniflare = withoutSignalHooks(() => withTemporaryFolder(options.scratch, () => new Miniflare(settings)));
  const url = await tyingWorkerd(() => miniflare.unsafeGetDirectURL());
  return {
    url: url.origin,
    async runCron() {
      const worker = await miniflare.getWorker();
      await worker.scheduled({ cron: "* * * * *" });
    },
    close: () => miniflare.dispose(),
  };
}

/** The entry first, then the modules that it imports at run time. */
async function modulesIn(bundle: string): Promise<{ type: "ESModule"; path: string }[]> {
  const files = (await readdir(bundle)).filter((file) => file.endsWith(".js"));
  return files
    .sort((a, b) => Number(b === "index.js") - Number(a === "index.js"))
    .map((file) => ({ type: "ESModule", path: join(bundle, file) }));
}

/** Removes Miniflare's signal handlers, which would end this process at once; we stop everything in order. */
function withoutSignalHooks<T>(make: () => T): T {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const before = signals.map((signal) => process.listeners(signal));
  const made = make();
  for (const [at, signal] of signals.entries()) {
    for (const hook of process.listeners(signal)) if (!before[at]?.includes(hook)) process.off(signal, hook);
  }
  return made;
}

/** Finds workerd's process, which Miniflare hides and which would outlive us. */
async function tyingWorkerd<T>(start: () => Promise<T>): Promise<T> {
  const children: ChildProcess[] = [];
  const onSpawn = (message: unknown) => children.push((message as { process: ChildProcess }).process);
  subscribe("child_process", onSpawn);
  try {
    return await start();
  } finally {
    unsubscribe("child_process", onSpawn);
    for (const child of children) if (child.spawnfile.includes("workerd")) endWithUs(child);
  }
}

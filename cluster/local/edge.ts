import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions as workerOptionsOf } from "wrangler";
import { childEnvironment } from "./config.ts";
import { REPOSITORY } from "./repository.ts";

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
  /** Gets each line the Worker logs. */
  onLog?: (line: string) => void;
}

export interface Edge {
  url: string;
  /** Runs the cron trigger, as Cloudflare does each minute. */
  runCron(): Promise<void>;
  close(): Promise<void>;
}

/** Bundles the Worker with wrangler, byte for byte what a deployment would upload. @returns the folder of the bundle. */
export async function bundleWorker(outdir: string): Promise<string> {
  await promisify(execFile)(
    join(REPOSITORY, "node_modules/.bin/wrangler"),
    ["deploy", "--dry-run", "--outdir", outdir],
    {
      cwd: REPOSITORY,
      env: { ...childEnvironment(), WRANGLER_SEND_METRICS: "false", WRANGLER_LOG: "error" },
    },
  ).catch((error: { stderr?: string; stdout?: string }) => {
    throw new Error(`the Worker can't be bundled:\n${error.stderr || error.stdout}`, { cause: error });
  });
  return outdir;
}

/** Runs the bundled Worker with its Durable Objects and assets in workerd, configured by the root wrangler.toml. */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const { workerOptions } = workerOptionsOf(join(REPOSITORY, "wrangler.toml"));
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: options.host ?? "127.0.0.1",
      port: options.port ?? 0,
      cf: false,
      log: new Log(LogLevel.WARN),
      handleStructuredLogs: ({ message }) => options.onLog?.(message),
      ...(options.persistTo && { resourcePersistencePath: options.persistTo }),
      workers: [
        {
          ...workerOptions,
          name: "openclaw-cloud",
          rootPath: options.bundle,
          modulesRoot: options.bundle,
          modules: await modulesIn(options.bundle),
          bindings: options.vars,
        },
      ],
    }),
  );
  const url = await miniflare.ready;
  return {
    url: url.origin,
    async runCron() {
      const worker = await miniflare.getWorker();
      await worker.scheduled({ cron: "* * * * *" });
    },
    close: () => miniflare.dispose(),
  };
}

/** The entry first, then whatever it imports at run time. */
async function modulesIn(bundle: string): Promise<{ type: "ESModule"; path: string }[]> {
  const files = (await readdir(bundle)).filter((file) => file.endsWith(".js"));
  return files
    .sort((a, b) => Number(b === "index.js") - Number(a === "index.js"))
    .map((file) => ({ type: "ESModule", path: join(bundle, file) }));
}

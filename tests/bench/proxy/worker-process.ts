/**
 * A Worker in workerd, in a process of its own. The product's and the bare one run in the same set-up: the root
 * wrangler.toml, but for the assets, which the platform serves before a Worker, and a local run by three more.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions as workerOptionsOf } from "wrangler";
import { REPOSITORY } from "#cluster/local/repository.ts";

export interface WorkerStart {
  /** The folder of the Worker's bundle; `index.js` is its entry. */
  bundle: string;
  vars: Record<string, string>;
  /** Where Durable Objects keep their storage. */
  persistTo: string;
}

async function start({ bundle, vars, persistTo }: WorkerStart): Promise<Miniflare> {
  const { assets: _, ...workerOptions } = workerOptionsOf(join(REPOSITORY, "wrangler.toml")).workerOptions;
  const files = (await readdir(bundle)).filter((file) => file.endsWith(".js"));
  const entryFirst = files.sort((a, b) => Number(b === "index.js") - Number(a === "index.js"));
  const options = {
    ...workerOptions,
    name: "openclaw-cloud",
    rootPath: bundle,
    modulesRoot: bundle,
    modules: entryFirst.map((file) => ({ type: "ESModule" as const, path: join(bundle, file) })),
    bindings: vars,
  };
  return new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      cf: false,
      log: new Log(LogLevel.WARN),
      // The log is written and read, as everywhere; nobody looks at it.
      handleStructuredLogs: () => undefined,
      resourcePersistencePath: persistTo,
      workers: [options],
    }),
  );
}

process.on("message", async (options: WorkerStart) => {
  const miniflare = await start(options);
  process.send?.({ url: (await miniflare.ready).origin });
  process.on("disconnect", () => void miniflare.dispose().finally(() => process.exit()));
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { bundleWorker } from "#cluster/local/edge.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The folder of the Worker's bundle, made once a run. */
    bundle: string;
  }
}

/** vitest's global set-up of the suites that run the Worker. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "openclaw-cloud-worker-"));
  project.provide("bundle", await bundleWorker(folder));
  return () => rm(folder, { recursive: true, force: true });
}

/** vitest's global set-up: what every file of the suites that run the Worker or a database begins with. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { bundleWorker } from "#cluster/local/edge.ts";
import { makeTemplates } from "#schema/migrator/testing/make-templates.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The folder of the Worker's bundle. */
    bundle: string;
  }
}

/** Projects that start no database, and those that start one without the Worker. */
const NO_DATABASE = ["unit", "workerd", "browser"];
const NO_WORKER = [...NO_DATABASE, "local", "parsers"];

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "openclaw-cloud-tests-"));
  const [worker, templates] = [join(folder, "worker"), join(folder, "templates")];
  await mkdir(templates);
  const isFor = (without: string[]) => project.vitest.projects.some(({ name }) => !without.includes(name));
  await Promise.all([isFor(NO_WORKER) && bundleWorker(worker), isFor(NO_DATABASE) && makeTemplates(templates)]);
  project.provide("bundle", worker);
  project.provide("templates", templates);
  return () => rm(folder, { recursive: true, force: true });
}

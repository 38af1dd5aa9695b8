import { fileURLToPath } from "node:url";
import type { Config } from "../config/config.ts";
import type { Driver } from "../drivers/driver.ts";
import type { Logger } from "../log.ts";
import { runTerms } from "./leader/run-terms.ts";
import { type AgentMetrics, createMetrics } from "./metrics/agent-metrics.ts";
import { runAgent } from "./run-agent.ts";
import { startProbeServer } from "./server/probe-server.ts";
import { createVitals, type Vitals } from "./server/vitals.ts";

export interface ProgramOptions {
  config: Config;
  log: Logger;
  /** First abort: accept no new jobs, let running ones end. */
  drain: AbortSignal;
}

/** What the parts of one process share. */
interface Process extends ProgramOptions {
  metrics: AgentMetrics;
  vitals: Vitals;
}

/** The agent as a process: its probes and metrics, its place among others of its cluster, its work. */
export async function runProgram(options: ProgramOptions): Promise<void> {
  const { config, log } = options;
  const all: Process = { ...options, metrics: createMetrics(), vitals: createVitals() };
  const port = config.metricsPort;
  const server =
    port === undefined ? undefined : await startProbeServer({ port, registry: all.metrics.registry, ...all });
  if (server) log.info({ port: server.port }, "metrics and probes");
  try {
    if (config.election) await runElected(all, config.election);
    else await runAlone(all);
  } finally {
    await server?.close();
  }
}

async function runAlone(all: Process): Promise<void> {
  all.metrics.leader(true);
  await runAgent({ ...all, driver: await openDriver(all) });
}

/** Only the leader opens the driver, and with it the watches. */
async function runElected(all: Process, { lease, identity, pod }: NonNullable<Config["election"]>): Promise<void> {
  const { log, metrics, drain, vitals } = all;
  const [{ connectKube }, { openClusterAccess }] = await Promise.all([
    import("../drivers/kube/kube-client.ts"),
    import("../drivers/kube/cluster-access.ts"),
  ]);
  const client = await connectKube(await openClusterAccess(pod), metrics.kube);
  try {
    await runTerms({ client, lease, identity, log, vitals, drain, leads: metrics.leader }, async (term) => {
      await runAgent({ ...all, driver: await openDriver(all), term });
    });
  } finally {
    await client.close();
  }
}

/** Each driver brings much that the other doesn't need, so it is loaded when it is chosen. */
async function openDriver({ config: { driver }, log, metrics }: Process): Promise<Driver> {
  if (driver.kind === "kube") {
    const [{ openKubeDriver }, { openClusterAccess }] = await Promise.all([
      import("../drivers/kube/kube-driver.ts"),
      import("../drivers/kube/cluster-access.ts"),
    ]);
    const access = await openClusterAccess(driver.pod);
    return openKubeDriver({ settings: driver.settings, log, access, observer: metrics.kube });
  }
  const { openLocalDriver } = await import("../drivers/local/local-driver.ts");
  const { fetchOpenClaw } = await import("#cluster/image/openclaw/fetch.ts");
  const supervisor = fileURLToPath(import.meta.resolve("#cluster/supervisor/main.ts"));
  return openLocalDriver({
    root: driver.stateRoot,
    command: [process.execPath, supervisor],
    environment: driver.environment,
    fetchOpenClaw: (onProgress) => fetchOpenClaw({ onProgress }),
    log,
  });
}

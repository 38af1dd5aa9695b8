import type { Config } from "../config/config.ts";
import type { Driver } from "../drivers/driver.ts";
import type { Logger } from "../log.ts";
import { createKnownBoxes } from "./drift/known-boxes.ts";
import { startDriftChecks } from "./drift/start-drift-checks.ts";
import { createSigner } from "./edge/assertion.ts";
import { createEdgeClient } from "./edge/edge-client.ts";
import { type Mailbox, openMailbox } from "./edge/mailbox.ts";
import { createRunner } from "./jobs/runner.ts";
import type { Term } from "./leader/election.ts";
import { type AgentMetrics, createMetrics } from "./metrics/agent-metrics.ts";
import { reportHealth } from "./report-health.ts";
import { createVitals, type Vitals } from "./server/vitals.ts";

export interface AgentOptions {
  config: Pick<Config, "edgeUrl" | "clusterId" | "agentKey" | "capacity" | "drainMs" | "instance">;
  driver: Driver;
  log: Logger;
  /** First abort: accept no new jobs, let running ones end. */
  drain: AbortSignal;
  /** With leader election: this process's term. Its loss stops everything at once. */
  term?: Term;
  metrics?: AgentMetrics;
  vitals?: Vitals;
}

/** Runs until `drain` aborts or the term is lost, and everything has come to rest. */
export async function runAgent(options: AgentOptions): Promise<void> {
  const { config, log, drain, term, metrics = createMetrics(), vitals = createVitals() } = options;
  const known = createKnownBoxes();
  const driver = metrics.watchBoxes(known.learnFrom(options.driver));
  const sign = createSigner({ key: config.agentKey, clusterId: config.clusterId, edgeUrl: config.edgeUrl });
  const edge = createEdgeClient({ edgeUrl: config.edgeUrl, sign });
  const { capacity, instance } = config;
  const { holds: leads, predecessor: replaces } = term ?? {};
  const runner = createRunner({ edge, driver, log, capacity, instance, leads, replaces, observer: metrics.jobs });
  /** Ends what only goes on while this process works for its cluster; the mailbox goes on until the last job has ended. */
  const working = AbortSignal.any(term ? [drain, term.lost] : [drain]);
  const disconnect = new AbortController();
  const mailbox = openMailbox({ edgeUrl: config.edgeUrl, sign, edge, handler: runner, log, signal: disconnect.signal });
  const { comparable } = driver;
  const driftChecks = comparable && startDriftChecks({ edge, known, log, signal: working, ...comparable });
  const health = reportHealth({
    edge,
    driver,
    log,
    signal: working,
    compareAsked: driftChecks?.asked,
    poolSeen: metrics.pool,
    pulse: vitals.pulse("the health report", 180_000),
  });
  showMailbox(mailbox, metrics, vitals);
  log.info({ cluster: config.clusterId, capacity }, "the agent runs");

  await aborted(working);
  log.info({ running: runner.hello().running.length, lost: term?.lost.aborted ?? false }, "draining");
  const drained = runner.drain(term?.lost.aborted ? 0 : config.drainMs);
  mailbox.announce();
  await drained;
  disconnect.abort();
  await Promise.all([mailbox.closed, health, driftChecks?.stopped]);
  vitals.need("mailbox", undefined);
  await driver.stop();
  log.info("the agent has stopped");
}

function showMailbox(mailbox: Mailbox, metrics: AgentMetrics, vitals: Vitals): void {
  metrics.mailbox(() => mailbox.transport());
  vitals.need("mailbox", () => (mailbox.transport() ? undefined : "the edge's mailbox can't be reached"));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

import type { Config } from "./config.ts";
import type { Driver } from "./driver.ts";
import { createSigner } from "./edge/assertion.ts";
import { createEdgeClient } from "./edge/edge-client.ts";
import { openMailbox } from "./edge/mailbox.ts";
import { createRunner } from "./jobs/runner.ts";
import type { Logger } from "./log.ts";
import { reportHealth } from "./report-health.ts";

export interface AgentOptions {
  config: Pick<Config, "edgeUrl" | "clusterId" | "agentKey" | "capacity" | "drainMs" | "instance">;
  driver: Driver;
  log: Logger;
  /** First abort: take nothing new, let running jobs end. */
  drain: AbortSignal;
}

/** Runs until `drain` aborts and everything has come to rest. */
export async function runAgent({ config, driver, log, drain }: AgentOptions): Promise<void> {
  const sign = createSigner({ key: config.agentKey, clusterId: config.clusterId, edgeUrl: config.edgeUrl });
  const edge = createEdgeClient({ edgeUrl: config.edgeUrl, sign });
  const runner = createRunner({ edge, driver, log, capacity: config.capacity, instance: config.instance });
  const disconnect = new AbortController();
  const { signal } = disconnect;
  const mailbox = openMailbox({ edgeUrl: config.edgeUrl, sign, edge, handler: runner, log, signal });
  const health = reportHealth({ edge, driver, log, signal });
  log.info({ cluster: config.clusterId, capacity: config.capacity }, "the agent runs");

  await aborted(drain);
  log.info({ running: runner.hello().running.length }, "draining");
  const drained = runner.drain(config.drainMs);
  mailbox.announce();
  await drained;
  disconnect.abort();
  await Promise.all([mailbox.closed, health]);
  await driver.stop();
  log.info("the agent has stopped");
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

import { sleep } from "#cluster/system/retry.ts";
import type { PoolFigures } from "#schema/contracts/pool.ts";
import { createBell } from "../drivers/bell.ts";
import type { Driver } from "../drivers/driver.ts";
import type { Logger } from "../log.ts";
import type { EdgeClient } from "./edge/edge-client.ts";
import { createTold } from "./health/told-health.ts";
import type { Pulse } from "./server/vitals.ts";

const EVERY_MS = 15_000;
/** Everything is reported again this often, in case a mistake or a restored database has lost some. */
const WHOLE_MS = 600_000;
/** Many things change at once when a box does. */
const GATHER_MS = 250;
/** The contract's most boxes in one report. */
const PER_REPORT = 1_000;

export interface HealthOptions {
  edge: EdgeClient;
  driver: Driver;
  log: Logger;
  signal: AbortSignal;
  everyMs?: number;
  pulse?: Pulse;
  /** Called with each answer: when an operator last requested a full comparison (ms). */
  compareAsked?: ((at: number | null) => void) | undefined;
  /** Called with each answer: the cluster's warm pool. */
  poolSeen?: ((pool: readonly PoolFigures[]) => void) | undefined;
}

/**
 * Reports boxes whose health has changed: at once when the driver rings, otherwise every 15 s.
 * An empty report is the agent's heartbeat. Ends when `signal` aborts.
 */
export async function reportHealth(options: HealthOptions): Promise<void> {
  const { driver, log, signal, everyMs = EVERY_MS } = options;
  const changes = driver.changes ?? createBell();
  let told = createTold();
  let wholeAt = performance.now();
  while (!signal.aborted) {
    options.pulse?.beat();
    if (performance.now() - wholeAt >= WHOLE_MS) {
      told = createTold();
      wholeAt = performance.now();
    }
    try {
      await reportChanges(options, told);
      await changes.wait(everyMs, signal);
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, "health could not be reported");
      await sleep(everyMs, signal).catch(() => undefined);
    }
    await sleep(Math.min(GATHER_MS, everyMs), signal).catch(() => undefined);
  }
  options.pulse?.end();
}

async function reportChanges(
  { edge, driver, signal, compareAsked, poolSeen }: HealthOptions,
  told: ReturnType<typeof createTold>,
) {
  const news = told.news(await driver.observe());
  for (let i = 0; i === 0 || i < news.length; i += PER_REPORT) {
    const boxes = news.slice(i, i + PER_REPORT);
    const { compare_asked_at: askedAt, pool } = await edge.health({ boxes }, signal);
    told.took(boxes);
    compareAsked?.(askedAt);
    poolSeen?.(pool ?? []);
  }
}

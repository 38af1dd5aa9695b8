import type { Driver } from "./driver.ts";
import type { EdgeClient } from "./edge/edge-client.ts";
import type { Logger } from "./log.ts";
import { sleep } from "./retry.ts";
import type { Pulse } from "./server/vitals.ts";

const EVERY_MS = 15_000;
/** The contract's most boxes in one report. */
const PER_REPORT = 1_000;

/** Tells the edge every 15 s what is seen of the boxes, until `signal` aborts. An empty report is a sign of life too. */
export async function reportHealth(options: {
  edge: EdgeClient;
  driver: Driver;
  log: Logger;
  signal: AbortSignal;
  everyMs?: number;
  pulse?: Pulse;
}): Promise<void> {
  const { edge, driver, log, signal } = options;
  while (!signal.aborted) {
    options.pulse?.beat();
    try {
      const boxes = await driver.observe();
      for (let i = 0; i === 0 || i < boxes.length; i += PER_REPORT) {
        await edge.health({ boxes: boxes.slice(i, i + PER_REPORT) }, signal);
      }
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, "health could not be reported");
    }
    await sleep(options.everyMs ?? EVERY_MS, signal).catch(() => undefined);
  }
  options.pulse?.end();
}

import type { DriftOptions } from "./check-drift.ts";
import { type DriftChecks, keepChecking } from "./keep-checking.ts";
import { watchDrift } from "./watch-drift.ts";

/** Starts both kinds of drift detection: changes at once, and everything every ten minutes. */
export function startDriftChecks(options: DriftOptions): DriftChecks {
  const driftChecks = keepChecking(options);
  const watching = watchDrift(options);
  return { asked: driftChecks.asked, stopped: Promise.all([driftChecks.stopped, watching]).then(() => undefined) };
}

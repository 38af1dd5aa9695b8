import type { DriftOptions } from "./check-drift.ts";
import { type DriftChecks, keepChecking } from "./keep-checking.ts";
import { watchDrift } from "./watch-drift.ts";

/** Both ways of finding what is not as it should be: what changes at once, and everything now and then. */
export function startDriftChecks(options: DriftOptions): DriftChecks {
  const driftChecks = keepChecking(options);
  const watching = watchDrift(options);
  return { asked: driftChecks.asked, stopped: Promise.all([driftChecks.stopped, watching]).then(() => undefined) };
}

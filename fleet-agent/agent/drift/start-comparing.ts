import type { ComparisonOptions } from "./compare-once.ts";
import { type Comparing, keepComparing } from "./keep-comparing.ts";
import { watchDrift } from "./watch-drift.ts";

/** Both ways of finding what is not as it should be: what changes at once, and everything now and then. */
export function startComparing(options: ComparisonOptions): Comparing {
  const comparing = keepComparing(options);
  const watching = watchDrift(options);
  return { asked: comparing.asked, stopped: Promise.all([comparing.stopped, watching]).then(() => undefined) };
}

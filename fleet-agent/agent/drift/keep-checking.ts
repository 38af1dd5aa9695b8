import { type Bell, createBell } from "../../drivers/bell.ts";
import { checkDrift, type DriftOptions } from "./check-drift.ts";

const EVERY_MS = 600_000;
/** The pause after a comparison that failed or left something for later. */
const SOON_MS = 60_000;
/** The pause until everything has been listed for the first time. */
const LOOK_AGAIN_MS = 1_000;

export interface DriftChecks {
  /** When an operator last requested a comparison (ms, by the edge's clock), from the answer to each health report. */
  asked(at: number | null): void;
  stopped: Promise<void>;
}

/** Compares everything at the start, every ten minutes and on request, until `signal` aborts. */
export function keepChecking(options: DriftOptions & { everyMs?: number }): DriftChecks {
  const bell = createBell();
  let newest: number | undefined;
  const asked = (at: number | null) => {
    // The first comparison answers all requests from before this process began.
    if (newest !== undefined && (at ?? 0) > newest) bell.ring();
    newest = Math.max(at ?? 0, newest ?? 0);
  };
  return { asked, stopped: loop(options, bell) };
}

async function loop(options: DriftOptions & { everyMs?: number }, bell: Bell): Promise<void> {
  const { view, log, signal, everyMs = EVERY_MS } = options;
  while (!signal.aborted) {
    if (!view.isWhole()) {
      await bell.wait(LOOK_AGAIN_MS, signal);
      continue;
    }
    const again = await checkDrift(options).catch((error: unknown) => {
      if (!signal.aborted) log.warn({ err: error }, "the cluster could not be compared");
      return true;
    });
    await bell.wait(again ? Math.min(SOON_MS, everyMs) : everyMs, signal);
  }
}

import { type Bell, createBell } from "../../drivers/bell.ts";
import { checkDrift, type DriftOptions } from "./check-drift.ts";

const EVERY_MS = 600_000;
/** After one that failed, or that put something off. */
const SOON_MS = 60_000;
/** Until everything was listed for the first time. */
const LOOK_AGAIN_MS = 1_000;

export interface DriftChecks {
  /** When an operator asked for a comparison last (ms, by the edge's clock), as each health report is answered. */
  asked(at: number | null): void;
  stopped: Promise<void>;
}

/** Compares everything at the start, every ten minutes, and when it is asked to, until `signal` aborts. */
export function keepChecking(options: DriftOptions & { everyMs?: number }): DriftChecks {
  const bell = createBell();
  let newest: number | undefined;
  const asked = (at: number | null) => {
    // What was asked for before this process began, its first comparison answers.
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

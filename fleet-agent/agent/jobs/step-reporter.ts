import type { Held } from "#schema/contracts/fleet.ts";
import type { ReportStep } from "../../drivers/driver.ts";
import { type Lease, LeaseLost } from "../../lease.ts";
import type { Logger } from "../../log.ts";
import type { EdgeClient } from "../edge/edge-client.ts";

/**
 * Sends steps in order without delaying the job's writes.
 * `flush` resolves when all are sent.
 */
export function createStepReporter(options: { edge: EdgeClient; job: Held; lease: Lease; log: Logger }): {
  report: ReportStep;
  flush(): Promise<void>;
} {
  const { edge, job, lease, log } = options;
  let last: Promise<void> = Promise.resolve();

  const send = async (step: string, message: string) => {
    if (lease.signal.aborted) return;
    try {
      await edge.progress(job, step, message, lease.signal);
    } catch (error) {
      if (error instanceof LeaseLost) lease.lose(error.message);
      else log.warn({ step }, "a step could not be reported");
    }
  };

  return {
    report: async (step, message) => {
      log.info({ step, detail: message }, "step");
      last = last.then(() => send(step, message));
    },
    flush: () => last,
  };
}

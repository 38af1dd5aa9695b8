import type { DesiredBox, Grant } from "#schema/contracts/fleet.ts";
import type { Driver, ReportStep } from "../../drivers/driver.ts";
import { JobStopped, type Lease, LeaseLost } from "../../lease.ts";
import type { Logger } from "../../log.ts";
import type { EdgeClient, Outcome } from "../edge/edge-client.ts";
import { carryOutOrder } from "./carry-out-order.ts";
import { beat, type HeartbeatOptions, keepLease } from "./heartbeat.ts";
import { createStepReporter } from "./step-reporter.ts";
import { toFailure } from "./to-failure.ts";

export interface RunJobOptions {
  grant: Grant;
  edge: EdgeClient;
  driver: Driver;
  lease: Lease;
  log: Logger;
  heartbeatMs?: number | undefined;
}

/**
 * `lost`: the edge has granted the job to another agent, or will; nothing is reported. `stopped`: it was ended for a newer
 * one of its box.
 */
export type JobEnd = "succeeded" | "failed" | "lost" | "stopped";

/** The newer job waits for this word, or until the lease has expired. */
const TELL_STOPPED_MS = 10_000;

/** One job, from its grant to its completion. Never throws. */
export async function runJob(options: RunJobOptions): Promise<JobEnd> {
  const { grant, edge, lease, log } = options;
  const job = { job_id: grant.job_id, fence: grant.fence };
  const heartbeat: HeartbeatOptions = { edge, job, lease, log, everyMs: options.heartbeatMs };
  const finished = new AbortController();
  const steps = createStepReporter({ edge, job, lease, log });
  let beats: Promise<void> | undefined;
  try {
    // The first heartbeat confirms a grant that may have been delayed; nothing is written before it.
    const [desired] = await Promise.all([edge.box(job, lease.signal), beat(heartbeat)]);
    beats = keepLease(heartbeat, finished.signal);
    const outcome = await attempt(options, desired, steps.report);
    await steps.flush();
    await edge.complete(job, outcome, lease.signal);
    return outcome.outcome === "succeeded" ? "succeeded" : "failed";
  } catch (error) {
    return await settle(options, error);
  } finally {
    finished.abort();
    lease.end();
    await beats;
  }
}

async function attempt(options: RunJobOptions, desired: DesiredBox, report: ReportStep): Promise<Outcome> {
  const { grant, driver, edge, lease, log } = options;
  if (desired.box_id !== grant.box_id || desired.fence !== grant.fence) {
    throw new LeaseLost("the box was fetched under another fence");
  }
  try {
    const job = { job_id: grant.job_id, fence: grant.fence };
    // A job's type says why the box changes; only the desired state says what to. So all types are done alike.
    if (desired.order) await carryOutOrder({ driver, edge, job, desired, guard: lease, report }, desired.order);
    else await driver.reconcile(desired, lease, report);
    return { outcome: "succeeded", observed_generation: desired.generation };
  } catch (error) {
    if (lease.signal.aborted || error instanceof LeaseLost) throw error;
    log.error({ err: error }, "the box could not be brought to its desired state");
    return { outcome: "failed", failure: toFailure(error) };
  }
}

/** Failures outside the driver: of the lease, or of the connection to the edge. */
async function settle(options: RunJobOptions, error: unknown): Promise<JobEnd> {
  const { grant, edge, lease, log } = options;
  if (lease.signal.aborted || error instanceof LeaseLost) {
    lease.lose("lost");
    if (lease.signal.reason instanceof JobStopped) return await tellStopped(options);
    log.warn({ reason: reasonOf(lease, error) }, "another agent holds the job now");
    return "lost";
  }
  log.error({ err: error }, "the job could not be run");
  const outcome: Outcome = { outcome: "failed", failure: toFailure(error) };
  // If this fails too, the lease expires and the edge grants the job again.
  await edge.complete({ job_id: grant.job_id, fence: grant.fence }, outcome, lease.signal).catch(() => undefined);
  return "failed";
}

/** The driver has ended by now, so nothing writes for the job. Should this fail, its lease expires. */
async function tellStopped({ grant, edge, log }: RunJobOptions): Promise<JobEnd> {
  const job = { job_id: grant.job_id, fence: grant.fence };
  await edge.complete(job, { outcome: "stopped" }, AbortSignal.timeout(TELL_STOPPED_MS)).catch((error: unknown) => {
    log.warn({ err: error }, "the end of a stopped job could not be reported");
  });
  return "stopped";
}

const reasonOf = (lease: Lease, error: unknown): string => {
  const cause = error instanceof LeaseLost ? error : lease.signal.reason;
  return cause instanceof Error ? cause.message : "aborted";
};

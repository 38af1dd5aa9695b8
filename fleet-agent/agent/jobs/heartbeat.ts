import { sleep } from "#cluster/system/retry.ts";
import type { Held } from "#schema/contracts/fleet.ts";
import { HEARTBEAT_MS } from "#schema/domain/jobs.ts";
import { JobStopped, type Lease, LeaseLost, type MonotonicClock, monotonic } from "../../lease.ts";
import type { Logger } from "../../log.ts";
import type { EdgeClient } from "../edge/edge-client.ts";

export interface HeartbeatOptions {
  edge: EdgeClient;
  job: Held;
  lease: Lease;
  log: Logger;
  everyMs?: number | undefined;
  clock?: MonotonicClock | undefined;
}

/** Renews the lease once; throws if the edge can't be reached or says that the job has another holder, or is to end. */
export async function beat({ edge, job, lease, clock = monotonic }: HeartbeatOptions): Promise<void> {
  const sentAt = clock();
  try {
    await edge.heartbeat(job, lease.signal);
  } catch (error) {
    if (error instanceof JobStopped) lease.stop();
    else if (error instanceof LeaseLost) lease.lose(error.message);
    throw error;
  }
  lease.renew(sentAt);
}

/** Sends heartbeats until `stop` or the lease is lost. A failed one is retried sooner: about three fit before the lease expires. */
export async function keepLease(options: HeartbeatOptions, stop: AbortSignal): Promise<void> {
  const everyMs = options.everyMs ?? HEARTBEAT_MS;
  const over = AbortSignal.any([stop, options.lease.signal]);
  for (let wait = everyMs; !over.aborted; ) {
    await sleep(wait, over).catch(() => undefined);
    if (over.aborted) return;
    wait = await beat(options).then(
      () => everyMs,
      () => {
        options.log.warn("a heartbeat failed");
        return everyMs / 3;
      },
    );
  }
}

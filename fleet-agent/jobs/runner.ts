import type { Grant, Hello, MailboxMessage } from "#schema/contracts/fleet.ts";
import type { Driver } from "../driver.ts";
import type { EdgeClient } from "../edge/edge-client.ts";
import { Lease } from "../lease.ts";
import type { Logger } from "../log.ts";
import { sleep } from "../retry.ts";
import { runJob } from "./run-job.ts";

export interface RunnerOptions {
  edge: EdgeClient;
  driver: Driver;
  log: Logger;
  capacity: number;
  instance?: string | undefined;
  heartbeatMs?: number;
}

export interface Runner {
  message(message: MailboxMessage): void;
  /** The jobs held, and how many may be held at once (0 while draining). */
  hello(): Omit<Hello, "type">;
  /** Takes nothing new; resolves when the running jobs have ended or, after `graceMs`, were let go. */
  drain(graceMs: number): Promise<void>;
}

interface Running {
  grant: Grant;
  lease: Lease;
  ended: Promise<void>;
}

/** Holds the jobs that were granted. One job of a box at a time; boxes run side by side. */
export function createRunner(options: RunnerOptions): Runner {
  const { log } = options;
  const running = new Map<string, Running>();
  let draining = false;

  const accept = (grant: Grant) => {
    const same = running.get(grant.job_id);
    if (draining || (same && same.grant.fence >= grant.fence)) {
      log.info({ job: grant.job_id, fence: grant.fence, draining }, "grant ignored");
      return;
    }
    // A newer fence of the box makes every older holder's work worthless, also our own.
    const before = [...running.values()].filter((other) => other.grant.box_id === grant.box_id);
    for (const other of before) other.lease.lose("a newer grant of the box came");
    const lease = new Lease();
    const ended = Promise.all(before.map((other) => other.ended)).then(() => run(grant, lease));
    running.set(grant.job_id, { grant, lease, ended });
  };

  const run = async (grant: Grant, lease: Lease) => {
    const { job_id: job, box_id: box, type, fence, attempt } = grant;
    const jobLog = log.child({ job, box, type, fence, attempt });
    const startedAt = performance.now();
    jobLog.info("job started");
    const end = await runJob({ ...options, grant, lease, log: jobLog });
    jobLog.info({ end, ms: Math.round(performance.now() - startedAt) }, "job ended");
    if (running.get(job)?.lease === lease) running.delete(job);
  };

  const allEnded = async () => {
    while (running.size > 0) await Promise.all([...running.values()].map((job) => job.ended));
  };

  return {
    message: (message) => {
      if (message.type === "grant") accept(message.grant);
      else running.get(message.job_id)?.lease.lose("the edge aborted the job");
    },
    hello: () => ({
      capacity: draining ? 0 : options.capacity,
      running: [...running.values()].map(({ grant }) => ({ job_id: grant.job_id, fence: grant.fence })),
      ...(options.instance === undefined ? {} : { instance: options.instance }),
    }),
    drain: async (graceMs) => {
      draining = true;
      const grace = new AbortController();
      await Promise.race([allEnded(), sleep(graceMs, grace.signal).catch(() => undefined)]);
      grace.abort();
      for (const job of running.values()) job.lease.lose("the agent stops");
      await allEnded();
    },
  };
}

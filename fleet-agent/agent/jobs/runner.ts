import { sleep } from "#cluster/system/retry.ts";
import type { Grant, Hello, MailboxMessage } from "#schema/contracts/fleet.ts";
import type { JobType } from "#schema/domain/states.ts";
import { type Driver, failureOf } from "../../drivers/driver.ts";
import { Lease, monotonic } from "../../lease.ts";
import type { Logger } from "../../log.ts";
import type { EdgeClient, Outcome } from "../edge/edge-client.ts";
import { type JobEnd, runJob } from "./run-job.ts";

/** Called when jobs begin and end. */
export interface JobObserver {
  started(type: JobType): void;
  ended(type: JobType, end: JobEnd, seconds: number): void;
}

export interface RunnerOptions {
  edge: EdgeClient;
  driver: Driver;
  log: Logger;
  capacity: number;
  instance?: string | undefined;
  heartbeatMs?: number;
  observer?: JobObserver | undefined;
  /** Whether this process may work for its cluster: see `Term.holds`. */
  leads?: (() => boolean) | undefined;
  /** The instance of an agent that is known to be dead: see `Hello`. */
  replaces?: string | undefined;
}

export interface Runner {
  message(message: MailboxMessage): void;
  /** The jobs held, and how many may be held at once (0 while draining). */
  hello(): Omit<Hello, "type">;
  /** Accepts no new jobs; resolves when the running ones have ended or, after `graceMs`, were requeued. */
  drain(graceMs: number): Promise<void>;
}

/** A stopping pod has little time; a job that can't be requeued waits until its lease expires. */
const GIVE_BACK_MS = 5_000;
const STOPPED: Outcome = {
  outcome: "failed",
  failure: failureOf("agent_stopped", "The fleet-agent was stopped during this job; another attempt follows."),
};

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
    // A newer fence of the box ends every older holder's work, also our own.
    const before = [...running.values()].filter((other) => other.grant.box_id === grant.box_id);
    for (const other of before) other.lease.lose("a newer grant of the box arrived");
    const lease = new Lease(monotonic, options.leads);
    const ended = Promise.all(before.map((other) => other.ended)).then(() => run(grant, lease));
    running.set(grant.job_id, { grant, lease, ended });
  };

  const run = async (grant: Grant, lease: Lease) => {
    const { job_id: job, box_id: box, type, fence, attempt } = grant;
    const jobLog = log.child({ job, box, type, fence, attempt });
    const startedAt = performance.now();
    jobLog.info("job started");
    options.observer?.started(type);
    const end = await runJob({ ...options, grant, lease, log: jobLog });
    const ms = Math.round(performance.now() - startedAt);
    jobLog.info({ end, ms }, "job ended");
    options.observer?.ended(type, end, ms / 1_000);
    if (running.get(job)?.lease === lease) running.delete(job);
  };

  /** Nothing writes for the job any more, so the next agent need not wait until its lease expires. */
  const requeue = async ({ job_id, fence }: Grant) => {
    const signal = AbortSignal.timeout(GIVE_BACK_MS);
    await options.edge.complete({ job_id, fence }, STOPPED, signal).catch(() => undefined);
  };

  const allEnded = async () => {
    while (running.size > 0) await Promise.all([...running.values()].map((job) => job.ended));
  };

  return {
    message: (message) => {
      if (message.type === "grant") return accept(message.grant);
      const lease = running.get(message.job_id)?.lease;
      if (message.type === "stop") lease?.stop();
      else lease?.lose("the edge aborted the job");
    },
    hello: () => ({
      capacity: draining ? 0 : options.capacity,
      running: [...running.values()].map(({ grant }) => ({ job_id: grant.job_id, fence: grant.fence })),
      ...(options.instance === undefined ? {} : { instance: options.instance }),
      // Only in the first hello of a leader: later the other process may be back.
      ...(options.replaces === undefined || draining || options.leads?.() === false
        ? {}
        : { replaces: options.replaces }),
    }),
    drain: async (graceMs) => {
      draining = true;
      const grace = new AbortController();
      await Promise.race([allEnded(), sleep(graceMs, grace.signal).catch(() => undefined)]);
      grace.abort();
      const cutOff = [...running.values()];
      for (const job of cutOff) job.lease.lose("the agent is stopping");
      await allEnded();
      await Promise.all(cutOff.map(({ grant }) => requeue(grant)));
    },
  };
}

import { LEASE_MS } from "#schema/domain/jobs.ts";
import type { Offer } from "../../../contracts/mailbox.ts";
import { isLastAttempt } from "../../../services/jobs/requeue.ts";
import type { MailboxJobs } from "../mailbox-jobs.ts";

interface FakeJob extends Offer {
  status: "queued" | "running" | "succeeded" | "dead";
  attempt: number;
  fence: number;
  leaseUntil: number;
  grants: number;
}

/** The rules of Postgres in memory: one running job a box, in order, a new fence each time. */
export interface FakeJobs extends MailboxJobs {
  down: boolean;
  /** Calls that failed because the database was down. */
  refusals: number;
  /** Claims that wait behind a closed gate. */
  waiting: number;
  /** The keys that are valid. */
  valid: Set<string>;
  add(boxId: string): Offer;
  finish(jobId: string): void;
  requeue(jobId: string, availableAt: number): void;
  extend(jobId: string, leaseUntil: number): void;
  grantsOf(jobId: string): number;
  statusOf(jobId: string): string;
  /** Claims wait until the returned function is called. */
  holdClaims(): () => void;
}

export function createFakeJobs(now: () => number): FakeJobs {
  const all = new Map<string, FakeJob>();
  const fences = new Map<string, number>();
  let gate: Promise<void> = Promise.resolve();
  const find = (jobId: string): FakeJob => {
    const job = all.get(jobId);
    if (!job) throw new Error(`no such job: ${jobId}`);
    return job;
  };
  const isBlocked = (job: FakeJob): boolean =>
    [...all.values()].some(
      (other) =>
        other.boxId === job.boxId && (other.status === "running" || (other.status === "queued" && other.seq < job.seq)),
    );
  const refuseIfDown = (): void => {
    if (!fake.down) return;
    fake.refusals++;
    throw new Error("the database is down");
  };
  const fake: FakeJobs = {
    down: false,
    refusals: 0,
    waiting: 0,
    valid: new Set(["key-1"]),
    async kids() {
      refuseIfDown();
      return fake.valid;
    },
    add(boxId) {
      const offer = { jobId: crypto.randomUUID(), boxId, seq: all.size + 1, availableAt: now() };
      all.set(offer.jobId, { ...offer, status: "queued", attempt: 0, fence: 0, leaseUntil: 0, grants: 0 });
      return offer;
    },
    finish: (jobId) => void Object.assign(find(jobId), { status: "succeeded" }),
    requeue: (jobId, availableAt) => void Object.assign(find(jobId), { status: "queued", availableAt }),
    extend: (jobId, leaseUntil) => void Object.assign(find(jobId), { leaseUntil }),
    grantsOf: (jobId) => find(jobId).grants,
    statusOf: (jobId) => find(jobId).status,
    holdClaims() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
    async claim(jobId) {
      fake.waiting++;
      await gate;
      fake.waiting--;
      refuseIfDown();
      const job = all.get(jobId);
      if (job?.status !== "queued") return { kind: "gone" };
      if (job.availableAt > now()) return { kind: "later", at: job.availableAt };
      if (isBlocked(job)) return { kind: "later", at: now() + 5_000 };
      const fence = (fences.get(job.boxId) ?? 0) + 1;
      fences.set(job.boxId, fence);
      const { boxId, attempt } = job;
      const leaseUntil = now() + LEASE_MS;
      Object.assign(job, { status: "running", fence, leaseUntil, attempt: attempt + 1, grants: job.grants + 1 });
      const grant = { job_id: jobId, box_id: boxId, type: "update" as const, attempt: attempt + 1, fence };
      return { kind: "granted", grant: { ...grant, lease_until: leaseUntil } };
    },
    async expire({ jobId, fence, abandoned }) {
      refuseIfDown();
      const job = find(jobId);
      if (job.status !== "running" || job.fence !== fence) return { kind: "gone" };
      if (!abandoned && job.leaseUntil > now()) return { kind: "extended", leaseUntil: job.leaseUntil };
      job.status = isLastAttempt(job.attempt) ? "dead" : "queued";
      if (job.status === "dead") return { kind: "dead" };
      return { kind: "queued", offer: { jobId: job.jobId, boxId: job.boxId, seq: job.seq, availableAt: now() } };
    },
  };
  return fake;
}

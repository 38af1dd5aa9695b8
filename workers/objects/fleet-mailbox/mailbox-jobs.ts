import type { Ctx } from "../../context.ts";
import type { Claim, Expired } from "../../contracts/mailbox.ts";
import { liveKids } from "../../services/fleet/agent-keys.ts";
import { claimJob } from "../../services/jobs/claim.ts";
import { expireJob } from "../../services/jobs/expire.ts";

/** The mailbox's calls to Postgres: claim a job, end an expired lease, list valid keys. */
export interface MailboxJobs {
  claim(jobId: string): Promise<Claim>;
  /** `abandoned`: no agent works on it any more, so its lease need not expire first. */
  expire(lease: { jobId: string; fence: number; abandoned: boolean }): Promise<Expired>;
  kids(): Promise<ReadonlySet<string>>;
}

/** @param context makes a new one for each question */
export const jobsInPostgres = (context: () => Ctx, clusterId: string): MailboxJobs => ({
  claim: (jobId) => claimJob({ ctx: context(), input: { jobId, clusterId } }),
  expire: (input) => expireJob({ ctx: context(), input }),
  kids: () => liveKids(context(), clusterId),
});

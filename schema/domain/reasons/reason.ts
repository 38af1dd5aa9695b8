/** The shape of every entry of the catalogue. */

/** A file in docs/runbooks, without its ending. */
export type Runbook =
  | "agent-down"
  | "backup-and-restore"
  | "box-wont-start"
  | "fleet-agent-away"
  | "model-fails"
  | "node-loss"
  | "policy-not-in-force"
  | "stuck-job"
  | "unhealthy-box";

/** What the owner of an agent reads. */
export interface OwnerWords {
  cause: string;
  /** What the owner can do about it; null where that is nothing. */
  todo: string | null;
}

export interface Reason {
  /** What has happened, in an operator's words. */
  means: string;
  /** What an operator does about it. */
  todo: string;
  runbook: Runbook | null;
  /**
   * What is done about a box in this state without anybody asking. `restart`: it is restarted, with growing waits.
   * `resume`: it goes on as soon as the cause is gone. `nothing`: it stays so until somebody acts.
   */
  itself: "restart" | "resume" | "nothing";
  /** Whether a job that failed for this is tried again, or ends at once. */
  job: "retry" | "final";
  owner: { en: OwnerWords; pt: OwnerWords };
}

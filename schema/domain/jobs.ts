import { JOB_TYPES, type JobType } from "./states.ts";

/** How jobs are leased and retried. Times are milliseconds. */
export const LEASE_MS = 60_000;
export const HEARTBEAT_MS = 15_000;
/** The agent stops writing this long before its lease expires, so that clocks need not agree exactly. */
export const LEASE_MARGIN_MS = 10_000;
export const MAX_ATTEMPTS = 5;

/** Wait before attempt `attempt + 1`: 2, 8, 32, 128 s. */
export const retryDelayMs = (attempt: number): number => Math.min(300_000, 2_000 * 4 ** Math.max(0, attempt - 1));

/** A backup runs beside the box's work and does not change its status, whatever the result. */
export const leavesBoxAsIs = (type: JobType): boolean => type === "backup";

/** Jobs that end with a running gateway. The newest of them brings it to the newest desired state, so the older ones are pointless. */
const STARTS = [
  "provision",
  "reactivate",
  "resize",
  "update",
  "update_connections",
  "restart",
  "rotate_token",
] as const satisfies readonly JobType[];

/** A restore is left to end by itself: begun again, it would fetch everything once more. Nobody waits for a backup. */
const A_START_ENDS: readonly JobType[] = [...STARTS, "backup"];

/** Which running jobs a job ends that is asked for after they began, instead of waiting for them. */
export const ENDS: Readonly<Record<JobType, readonly JobType[]>> = {
  destroy: JOB_TYPES.filter((type) => type !== "destroy"),
  suspend: [...STARTS, "restore", "backup"],
  reactivate: [...A_START_ENDS, "suspend"],
  provision: A_START_ENDS,
  resize: A_START_ENDS,
  update: A_START_ENDS,
  update_connections: A_START_ENDS,
  restart: A_START_ENDS,
  rotate_token: A_START_ENDS,
  restore: A_START_ENDS,
  backup: [],
};

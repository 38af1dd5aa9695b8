import type { JobType } from "./states.ts";

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

/** When unhealthy boxes are restarted, when customers are mailed, and how many deletions need a confirmation. Times are ms. */

/** `unknown`: not observed yet, or should not run. */
export const HEALTH_STATES = ["unknown", "healthy", "unhealthy"] as const;
export type HealthState = (typeof HEALTH_STATES)[number];

const MINUTE = 60_000;

/**
 * A restart comes so long after the trouble began, or after the restart before; after the last one the box is left alone.
 * A repair of what somebody changes again and again comes so long after the one before; there the last wait repeats.
 */
export const GROWING_WAITS: readonly number[] = [MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE];
/** A failure this long after the last restart starts a new series of restarts. */
export const NEW_TROUBLE_MS = 120 * MINUTE;

/** A repair this long after the last one starts a new series. */
export const NEW_DRIFT_MS = 120 * MINUTE;
/** Repairs of one cluster that may be open at once, so that customers' jobs are not held up. */
export const REPAIRS_AT_ONCE = 50;

/** A box that is unhealthy this long has its customer mailed; a slow start is shorter. */
export const TELL_AFTER_MS = 10 * MINUTE;
/** A box that is healthy this long counts as recovered. */
export const MENDED_AFTER_MS = 5 * MINUTE;

/**
 * More unhealthy boxes than this have one cause, which restarts and letters to all customers would only make worse.
 * `live`: boxes of the cluster that should run.
 */
export const outageFrom = (live: number): number => Math.max(5, Math.ceil(live / 10));

/** More deletions than this need an operator's confirmation. `present`: boxes in the cluster. */
export const mostDeletions = (present: number): number => Math.max(5, Math.floor(present / 20));

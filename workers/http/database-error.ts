/** Turns PostgreSQL's errors into messages for the caller, by the constraint's name. */
import { AppError } from "#schema/domain/errors.ts";
import { isUnreachable, postgresError } from "../integrations/postgres-error.ts";

const USED_KEY = "This Idempotency-Key was used more than a day ago: use a new one";

const UNIQUE: Readonly<Record<string, string>> = {
  boxes_one_live_per_subscription: "This customer already has a box",
  boxes_one_live_per_bot: "This Telegram bot already belongs to another box",
  subscriptions_one_live_per_customer: "This customer already has a subscription",
  identities_kind_subject_key: "This customer was just created by another request; try again",
  operator_jobs_one_running_per_box: "Another job of this box is running",
  backups_one_pending_per_box: "A backup of this box is already running",
  restores_one_pending_per_box: "A backup is being restored into this box",
  rollouts_one_active_per_cluster: "This cluster already has an active rollout",
  gateway_images_reference_key: "This image is registered already",
  // Ids derived from a key still exist when the key's row is deleted.
  operator_jobs_pkey: USED_KEY,
  proxy_tokens_pkey: USED_KEY,
  backups_pkey: USED_KEY,
  rollouts_pkey: USED_KEY,
  gateway_images_pkey: USED_KEY,
};

/** A violated constraint as 409, a value that can't be stored as 400, a database that can't be reached as 503; undefined for anything else. */
export function databaseError(error: unknown): AppError | undefined {
  const refused = postgresError(error);
  if (refused) {
    const words = UNIQUE[refused.constraint ?? ""] ?? "This conflicts with existing data";
    if (UNFIT.has(refused.code)) return new AppError("invalid_request", UNSTORABLE, { cause: error });
    return CONFLICTS.has(refused.code) ? new AppError("conflict", words, { cause: error }) : undefined;
  }
  return isUnreachable(error)
    ? new AppError("upstream_unavailable", "The database does not answer", { retryAfter: 5, cause: error })
    : undefined;
}

/**
 * 22021 and 22P05 a character that a text can't hold (NUL), 22P02 a malformed value, 22003, 22007, 22008 one out of range.
 * Other malformed input is refused earlier.
 */
const UNFIT: ReadonlySet<string> = new Set(["22021", "22P05", "22P02", "22003", "22007", "22008"]);
const UNSTORABLE = "A value of this request can't be stored: look for control characters and numbers out of range";

/** 23505 unique, 23P01 exclusion, 40001 serialization, 40P01 deadlock. */
const CONFLICTS: ReadonlySet<string> = new Set(["23505", "23P01", "40001", "40P01"]);

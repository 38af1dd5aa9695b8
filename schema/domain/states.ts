/** Every enum of the product and, where it is a state machine, its one transition table. */

export const BOX_STATUSES = [
  "pending",
  "provisioning",
  "active",
  "updating",
  "suspending",
  "suspended",
  "reactivating",
  "destroying",
  "destroyed",
  "failed",
] as const;
export type BoxStatus = (typeof BOX_STATUSES)[number];

/** A box's desired status; the actual one is its `status`. */
export const DESIRED_STATUSES = ["active", "suspended", "destroyed"] as const;
export type DesiredStatus = (typeof DESIRED_STATUSES)[number];

export const JOB_TYPES = [
  "provision",
  "destroy",
  "suspend",
  "reactivate",
  "resize",
  "update",
  "update_connections",
  "restart",
  "rotate_token",
  "backup",
  "restore",
] as const;
export type JobType = (typeof JOB_TYPES)[number];

/** `superseded`: a newer job of the box replaces it. `dead`: out of attempts, needs an operator. */
export const JOB_STATUSES = ["queued", "running", "succeeded", "dead", "cancelled", "superseded"] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** Stripe's own names. */
export const SUBSCRIPTION_STATUSES = [
  "incomplete",
  "incomplete_expired",
  "trialing",
  "active",
  "past_due",
  "unpaid",
  "paused",
  "canceled",
] as const;
export type SubscriptionStatus = (typeof SUBSCRIPTION_STATUSES)[number];

export const ONBOARDING_STATES = [
  "started",
  "plan_chosen",
  "paying",
  "paid",
  "bot_ready",
  "provisioning",
  "live",
  "abandoned",
] as const;
export type OnboardingState = (typeof ONBOARDING_STATES)[number];

export const CONNECTION_STATUSES = ["pending", "active", "error", "revoked"] as const;
export type ConnectionStatus = (typeof CONNECTION_STATUSES)[number];

export const TOKEN_STATUSES = ["active", "retiring", "revoked"] as const;
export type TokenStatus = (typeof TOKEN_STATUSES)[number];

/** `finishing`: the new image is the cluster's, the last boxes are being moved. `rolling_back`: stopped, boxes are moved back. */
export const ROLLOUT_STATUSES = ["running", "paused", "finishing", "rolling_back", "succeeded", "rolled_back"] as const;
export type RolloutStatus = (typeof ROLLOUT_STATUSES)[number];

/** `removed`: its key is erased; its objects are or will be deleted. */
export const BACKUP_STATUSES = ["pending", "stored", "failed", "removed"] as const;
export type BackupStatus = (typeof BACKUP_STATUSES)[number];

export const RESTORE_STATUSES = ["pending", "succeeded", "failed"] as const;
export type RestoreStatus = (typeof RESTORE_STATUSES)[number];

/** A token's scopes. `llm`: model calls on `/v1/*`; `connections`: its customer's connected accounts. */
export const TOKEN_SCOPES = ["llm", "connections"] as const;

/** How a token's holder gets an exceeded quota: as an assistant's message, or as a 429. */
export const WHEN_SPENT = ["message", "error"] as const;

type Transitions<S extends string> = Readonly<Record<S, readonly S[]>>;

/** `failed` is retryable by an operator; `destroyed` is final. The database holds the same tables (a trigger). */
export const BOX_TRANSITIONS: Transitions<BoxStatus> = {
  pending: ["provisioning", "failed", "destroying"],
  provisioning: ["active", "failed", "suspending", "destroying"],
  // Back to provisioning: a box of the warm pool gets its owner.
  active: ["provisioning", "updating", "suspending", "destroying", "failed"],
  updating: ["active", "suspending", "destroying", "failed"],
  suspending: ["suspended", "reactivating", "destroying", "failed"],
  suspended: ["reactivating", "destroying"],
  reactivating: ["active", "suspending", "destroying", "failed"],
  destroying: ["destroyed"],
  destroyed: [],
  failed: ["provisioning", "updating", "reactivating", "suspending", "destroying"],
};

export const JOB_TRANSITIONS: Transitions<JobStatus> = {
  queued: ["running", "cancelled", "superseded"],
  // Back to queued: the lease expired, or an attempt failed that may be tried again.
  running: ["succeeded", "queued", "dead", "cancelled", "superseded"],
  succeeded: [],
  dead: ["queued"],
  cancelled: [],
  superseded: [],
};

/** `retiring`: it has a successor and works until its `expires_at`. A revoked one stays revoked. */
export const TOKEN_TRANSITIONS: Transitions<TokenStatus> = {
  active: ["retiring", "revoked"],
  retiring: ["revoked"],
  revoked: [],
};

/** It ends with every box on the new image, or every box back on the previous one. */
export const ROLLOUT_TRANSITIONS: Transitions<RolloutStatus> = {
  running: ["paused", "finishing", "rolling_back"],
  paused: ["running", "rolling_back"],
  finishing: ["succeeded"],
  rolling_back: ["rolled_back"],
  succeeded: [],
  rolled_back: [],
};

export const BACKUP_TRANSITIONS: Transitions<BackupStatus> = {
  pending: ["stored", "failed"],
  stored: ["removed"],
  failed: [],
  removed: [],
};

export const RESTORE_TRANSITIONS: Transitions<RestoreStatus> = {
  pending: ["succeeded", "failed"],
  succeeded: [],
  failed: [],
};

export const ONBOARDING_TRANSITIONS: Transitions<OnboardingState> = {
  started: ["plan_chosen", "abandoned"],
  plan_chosen: ["plan_chosen", "paying", "abandoned"],
  paying: ["plan_chosen", "paid", "abandoned"],
  paid: ["bot_ready"],
  bot_ready: ["provisioning"],
  provisioning: ["live"],
  live: [],
  abandoned: ["started"],
};

export const CONNECTION_TRANSITIONS: Transitions<ConnectionStatus> = {
  pending: ["active", "error", "revoked"],
  active: ["error", "revoked"],
  error: ["active", "revoked"],
  revoked: [],
};

/** Whether `from → to` is an edge of the table. Staying in a state is not a transition. */
export function canMove<S extends string>(table: Transitions<S>, from: S, to: S): boolean {
  return table[from].includes(to);
}

/** The status a box has while a job of this type runs. */
export const STATUS_WHILE: Readonly<Record<JobType, BoxStatus>> = {
  provision: "provisioning",
  destroy: "destroying",
  suspend: "suspending",
  reactivate: "reactivating",
  resize: "updating",
  update: "updating",
  update_connections: "updating",
  restart: "updating",
  rotate_token: "updating",
  // It runs beside the agent: see `leavesBoxAsIs`.
  backup: "updating",
  restore: "updating",
};

/** The status of a box that matches its desired state. */
export const STATUS_WHEN: Readonly<Record<DesiredStatus, BoxStatus>> = {
  active: "active",
  suspended: "suspended",
  destroyed: "destroyed",
};

/** The ways by which a customer is recognised and signs in. */
export const IDENTITY_KINDS = ["email", "telegram"] as const;
export type IdentityKind = (typeof IDENTITY_KINDS)[number];

/** Who sends us webhooks. */
export const WEBHOOK_SOURCES = ["stripe", "telegram", "nango", "qstash"] as const;

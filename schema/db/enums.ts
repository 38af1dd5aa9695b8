import { pgEnum } from "drizzle-orm/pg-core";
import { HEALTH_STATES } from "#schema/domain/health.ts";
import { THINKING_LEVELS } from "#schema/domain/models.ts";
import { POOL_RESULTS } from "#schema/domain/pool.ts";
import {
  BACKUP_STATUSES,
  BOX_STATUSES,
  CONNECTION_STATUSES,
  DESIRED_STATUSES,
  IDENTITY_KINDS,
  JOB_STATUSES,
  JOB_TYPES,
  ONBOARDING_STATES,
  RESTORE_STATUSES,
  ROLLOUT_STATUSES,
  SUBSCRIPTION_STATUSES,
  TOKEN_STATUSES,
  WEBHOOK_SOURCES,
  WHEN_SPENT,
} from "#schema/domain/states.ts";
import { TIER_IDS } from "#schema/domain/tiers.ts";

export const tier = pgEnum("tier", TIER_IDS);
export const boxStatus = pgEnum("box_status", BOX_STATUSES);
export const desiredStatus = pgEnum("desired_status", DESIRED_STATUSES);
export const jobType = pgEnum("job_type", JOB_TYPES);
export const jobStatus = pgEnum("job_status", JOB_STATUSES);
export const subscriptionStatus = pgEnum("subscription_status", SUBSCRIPTION_STATUSES);
export const onboardingState = pgEnum("onboarding_state", ONBOARDING_STATES);
export const connectionStatus = pgEnum("connection_status", CONNECTION_STATUSES);
export const tokenStatus = pgEnum("token_status", TOKEN_STATUSES);
export const healthState = pgEnum("health_state", HEALTH_STATES);
export const identityKind = pgEnum("identity_kind", IDENTITY_KINDS);
export const rolloutStatus = pgEnum("rollout_status", ROLLOUT_STATUSES);
export const backupStatus = pgEnum("backup_status", BACKUP_STATUSES);
export const restoreStatus = pgEnum("restore_status", RESTORE_STATUSES);
export const thinkingLevel = pgEnum("thinking_level", THINKING_LEVELS);
export const poolResult = pgEnum("pool_result", POOL_RESULTS);
export const quotaAnswer = pgEnum("quota_answer", WHEN_SPENT);
export const webhookSource = pgEnum("webhook_source", WEBHOOK_SOURCES);

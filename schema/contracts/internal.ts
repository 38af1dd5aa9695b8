/** Requests and answers of `/internal/*`. Names are snake_case, as on the wire. */
import * as z from "zod";
import { HEALTH_CODES, HEALTH_STATES } from "#schema/domain/health.ts";
import {
  DEFAULT_LANGUAGE,
  DEFAULT_MODEL,
  DEFAULT_THINKING_LEVEL,
  LANGUAGE_IDS,
  MODEL_IDS,
  THINKING_LEVELS,
} from "#schema/domain/models.ts";
import { BOX_STATUSES, DESIRED_STATUSES, JOB_STATUSES, JOB_TYPES } from "#schema/domain/states.ts";
import { TIER_IDS } from "#schema/domain/tiers.ts";
import { email, text, time, webUrl, words } from "./parts.ts";

/** `<bot id>:<35 characters>`, as BotFather shows it. */
export const telegramBotToken = text(51).regex(
  /^[1-9][0-9]{5,14}:[A-Za-z0-9_-]{35}$/,
  "must look like 123456789:AA…, as @BotFather shows it",
);

/** Telegram's ids have at most 52 significant bits: core.telegram.org/bots/api#user. */
const MOST_USER_ID = 2 ** 52;
const telegramUserId = z.int().min(1).max(MOST_USER_ID);

export const ProvisionRequest = z
  .strictObject({
    customer_email: email.toLowerCase(),
    telegram_bot_token: telegramBotToken,
    telegram_user_id: z.union([
      telegramUserId,
      text(15)
        .regex(/^[1-9][0-9]{0,14}$/)
        .transform(Number),
    ]),
    tier: z.enum(TIER_IDS),
    model: z.enum(MODEL_IDS).default(DEFAULT_MODEL),
    thinking_level: z.enum(THINKING_LEVELS).default(DEFAULT_THINKING_LEVEL),
    language: z.enum(LANGUAGE_IDS).default(DEFAULT_LANGUAGE),
  })
  .meta({ id: "ProvisionRequest" });
export type ProvisionRequest = z.infer<typeof ProvisionRequest>;

export const ResizeRequest = z.strictObject({ tier: z.enum(TIER_IDS) }).meta({ id: "ResizeRequest" });
export type ResizeRequest = z.infer<typeof ResizeRequest>;

/** Fields that are left out stay as they are; `system_prompt: null` removes the prompt. */
export const UpdateRequest = z
  .strictObject({
    model: z.enum(MODEL_IDS).optional(),
    thinking_level: z.enum(THINKING_LEVELS).optional(),
    language: z.enum(LANGUAGE_IDS).optional(),
    system_prompt: words(20_000).nullable().optional(),
  })
  .refine(
    (request) => Object.values(request).some((value) => value !== undefined),
    "must have at least one field to change",
  )
  .meta({ id: "UpdateRequest", minProperties: 1 });
export type UpdateRequest = z.infer<typeof UpdateRequest>;

export const Box = z
  .object({
    id: z.uuid(),
    customer_id: z.uuid(),
    customer_email: z.string().nullable(),
    cluster_id: z.string(),
    namespace: z.string(),
    tier: z.enum(TIER_IDS),
    status: z.enum(BOX_STATUSES),
    desired_status: z.enum(DESIRED_STATUSES),
    status_reason: z.string().nullable(),
    health: z.enum(HEALTH_STATES),
    /** Why it is unhealthy; `status_reason` has the words. */
    health_code: z.enum(HEALTH_CODES).nullable(),
    unhealthy_since: time.nullable(),
    generation: z.int(),
    observed_generation: z.int(),
    model: z.string(),
    thinking_level: z.string(),
    language: z.string(),
    telegram_bot_username: z.string(),
    /** The chat's address. */
    telegram_chat_url: webUrl,
    telegram_user_ids: z.array(z.int()),
    token_last4: z.string().nullable(),
    created_at: time,
    last_seen_at: time.nullable(),
    destroyed_at: time.nullable(),
  })
  .meta({ id: "Box" });
export type Box = z.infer<typeof Box>;

export const Job = z
  .object({
    id: z.uuid(),
    box_id: z.uuid(),
    cluster_id: z.string(),
    type: z.enum(JOB_TYPES),
    status: z.enum(JOB_STATUSES),
    generation: z.int(),
    attempt: z.int(),
    steps: z.array(z.object({ step: z.string(), message: z.string(), at: time })),
    error_code: z.string().nullable(),
    error_message: z.string().nullable(),
    requested_by: z.string(),
    created_at: time,
    started_at: time.nullable(),
    finished_at: time.nullable(),
  })
  .meta({ id: "Job" });
export type Job = z.infer<typeof Job>;

/** The answer to every change of a box: 202, the box as it is now and the job that applies the change. */
export const Accepted = z.object({ box: Box, job: Job }).meta({ id: "Accepted" });
export type Accepted = z.infer<typeof Accepted>;

/** Newest first; `next_cursor` goes into `?cursor=` of the next call. */
export const BoxList = z.object({ boxes: z.array(Box), next_cursor: z.string().nullable() }).meta({ id: "BoxList" });
export const JobList = z.object({ jobs: z.array(Job), next_cursor: z.string().nullable() }).meta({ id: "JobList" });
export type BoxList = z.infer<typeof BoxList>;
export type JobList = z.infer<typeof JobList>;

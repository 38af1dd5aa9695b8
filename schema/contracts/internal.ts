/** Requests and answers of `/internal/*`. Names are snake_case, as on the wire. */
import * as z from "zod";
import { HEALTH_STATES } from "#schema/domain/health.ts";
import {
  DEFAULT_LANGUAGE,
  DEFAULT_MODEL,
  DEFAULT_THINKING_LEVEL,
  LANGUAGE_IDS,
  MODEL_IDS,
  THINKING_LEVELS,
} from "#schema/domain/models.ts";
import { MOST_PEOPLE, type Person } from "#schema/domain/people.ts";
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
/** A number, or its digits, as people paste them. */
const telegramUserId = z.union([
  z.int().min(1).max(MOST_USER_ID),
  text(15)
    .regex(/^[1-9][0-9]{0,14}$/)
    .transform(Number),
]);

/** Who may talk to an agent, the customer first. How many the tier has room for is checked where the tier is known. */
export const telegramUsers = z
  .array(z.strictObject({ id: telegramUserId, name: words(64).nullable().default(null) }))
  .min(1)
  .max(MOST_PEOPLE, { abort: true })
  .refine((people) => new Set(people.map(({ id }) => id)).size === people.length, "names a person twice");

/** What a customer chooses. */
const wish = {
  tier: z.enum(TIER_IDS),
  model: z.enum(MODEL_IDS).default(DEFAULT_MODEL),
  thinking_level: z.enum(THINKING_LEVELS).default(DEFAULT_THINKING_LEVEL),
  language: z.enum(LANGUAGE_IDS).default(DEFAULT_LANGUAGE),
};
export const BoxWish = z.strictObject(wish);

/** `telegram_user_id` is the short form for one person without a name. */
export const ProvisionRequest = z
  .strictObject({
    customer_email: email.toLowerCase(),
    telegram_bot_token: telegramBotToken,
    telegram_user_id: telegramUserId.optional(),
    telegram_users: telegramUsers.optional(),
    ...wish,
  })
  .refine((request) => (request.telegram_user_id === undefined) !== (request.telegram_users === undefined), {
    path: ["telegram_user_id"],
    message: "must be there, or else telegram_users",
    // Beside other wrong fields, too, so that all are named at once.
    when: ({ value }) => typeof value === "object" && value !== null,
  })
  .meta({ id: "ProvisionRequest", oneOf: [{ required: ["telegram_user_id"] }, { required: ["telegram_users"] }] });
export type ProvisionRequest = z.infer<typeof ProvisionRequest>;

export const peopleIn = (request: Pick<ProvisionRequest, "telegram_user_id" | "telegram_users">): Person[] =>
  request.telegram_users ??
  (request.telegram_user_id === undefined ? [] : [{ id: request.telegram_user_id, name: null }]);

/** `telegram_users`: who may talk to the agent from then on; needed where the new tier has less room. */
export const ResizeRequest = z
  .strictObject({ tier: z.enum(TIER_IDS), telegram_users: telegramUsers.optional() })
  .meta({ id: "ResizeRequest" });
export type ResizeRequest = z.infer<typeof ResizeRequest>;

/**
 * Fields that are left out stay as they are; `system_prompt: null` removes the prompt. `telegram_users` are all who may talk
 * to the agent from then on; `telegram_bot_token` is the same bot's new token, or another bot's.
 */
export const UpdateRequest = z
  .strictObject({
    model: z.enum(MODEL_IDS).optional(),
    thinking_level: z.enum(THINKING_LEVELS).optional(),
    language: z.enum(LANGUAGE_IDS).optional(),
    system_prompt: words(20_000).nullable().optional(),
    telegram_bot_token: telegramBotToken.optional(),
    telegram_users: telegramUsers.optional(),
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
    /** Why it is unhealthy, a code of docs/10-reasons.md; `status_reason` has the words. */
    health_code: z.string().nullable(),
    unhealthy_since: time.nullable(),
    /** When its agent last changed a file that is not its own, which was undone; the audit log has which. */
    change_undone_at: time.nullable(),
    generation: z.int(),
    observed_generation: z.int(),
    model: z.string(),
    thinking_level: z.string(),
    language: z.string(),
    telegram_bot_username: z.string(),
    /** The chat's address. */
    telegram_chat_url: webUrl,
    telegram_user_ids: z.array(z.int()),
    /** The same people, with their names. */
    telegram_users: z.array(z.object({ id: z.int(), name: z.string().nullable() })),
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

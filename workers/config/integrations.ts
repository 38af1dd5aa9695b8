/** Each vendor's variables, and what is off without them. */
import { text } from "#schema/contracts/parts.ts";
import { ModelTableEntry } from "../models/model-table-config.ts";
import { address, filled, json, url } from "./variables.ts";

/** Neon. Nothing works without it. */
export const database = { DATABASE_URL: filled, NEON_HTTP_ENDPOINT: url.optional() };

/** Upstash Redis. An outage loses nothing, but its address must be set. */
export const redis = { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: filled };

/** QStash. During an outage jobs wait for the next sweep, at most a minute. */
export const qstash = {
  QSTASH_URL: url.default("https://qstash.upstash.io"),
  QSTASH_TOKEN: filled,
  QSTASH_CURRENT_SIGNING_KEY: filled,
  QSTASH_NEXT_SIGNING_KEY: filled,
};

export const telegram = {
  TELEGRAM_API_ROOT: url.default("https://api.telegram.org"),
  /** Where pods reach the Bot API; default: as the edge does. */
  POD_TELEGRAM_API_ROOT: url.optional(),
  /** With a bot's username after it: where people chat with the bot. */
  TELEGRAM_CHAT_URL: address.default("https://t.me/"),
};

/** Kimi's platform, or the providers of MODEL_TABLE, which names the variables that hold their keys. */
export const models = {
  KIMI_API_KEY: filled,
  KIMI_BASE_URL: url.default("https://api.moonshot.ai"),
  MODEL_TABLE: json("a JSON object").pipe(ModelTableEntry).optional(),
};

/** Workers Analytics Engine's query side. Without the account and its token, GET /internal/metrics is off. */
export const analytics = {
  CF_ACCOUNT_ID: text(32)
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  CF_API_TOKEN: filled.optional(),
  CF_API_ROOT: url.default("https://api.cloudflare.com/client/v4"),
};

/** Resend. Without its key and a sender, no mail is sent. */
export const mail = {
  RESEND_API_KEY: filled.optional(),
  RESEND_BASE_URL: url.default("https://api.resend.com"),
  MAIL_FROM: filled.optional(),
};

/** Object storage. Without all of the four that have no default, nothing is backed up or restored. */
export const backups = {
  /** With the storage's own path in it, without the bucket. */
  BACKUP_S3_URL: url.optional(),
  BACKUP_S3_BUCKET: text(63)
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)
    .optional(),
  BACKUP_S3_REGION: filled.default("auto"),
  BACKUP_S3_ACCESS_KEY_ID: filled.optional(),
  BACKUP_S3_SECRET_ACCESS_KEY: filled.optional(),
};

const NEEDED_FOR_BACKUPS = [
  "BACKUP_S3_URL",
  "BACKUP_S3_BUCKET",
  "BACKUP_S3_ACCESS_KEY_ID",
  "BACKUP_S3_SECRET_ACCESS_KEY",
] as const;

/** The missing ones of the storage's variables, if some are set. */
export function missingForBackups(
  given: Readonly<Partial<Record<(typeof NEEDED_FOR_BACKUPS)[number], unknown>>>,
): string[] {
  const missing = NEEDED_FOR_BACKUPS.filter((name) => given[name] === undefined);
  return missing.length === NEEDED_FOR_BACKUPS.length ? [] : missing;
}

/** Each vendor's variables, and what is off without them. */
import * as z from "zod";
import { ModelTableEntry } from "../models/model-table-config.ts";
import { json, text, url } from "./variables.ts";

/** Neon. Nothing works without it. */
export const database = { DATABASE_URL: text, NEON_HTTP_ENDPOINT: url.optional() };

/** Upstash Redis. Nothing is lost while it is away, but its address has to be set. */
export const redis = { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: text };

/** QStash. While it is away, jobs wait for the sweep of the next minute. */
export const qstash = {
  QSTASH_URL: url.default("https://qstash.upstash.io"),
  QSTASH_TOKEN: text,
  QSTASH_CURRENT_SIGNING_KEY: text,
  QSTASH_NEXT_SIGNING_KEY: text,
};

export const telegram = {
  TELEGRAM_API_ROOT: url.default("https://api.telegram.org"),
  /** Where pods reach the Bot API; default: as the edge does. */
  POD_TELEGRAM_API_ROOT: url.optional(),
  /** With a bot's username after it: where people chat with the bot. */
  TELEGRAM_CHAT_URL: z.url().default("https://t.me/"),
};

/** Kimi's platform, or the providers of MODEL_TABLE, which names the variables that hold their keys. */
export const models = {
  KIMI_API_KEY: text,
  KIMI_BASE_URL: url.default("https://api.moonshot.ai"),
  MODEL_TABLE: json("a JSON object").pipe(ModelTableEntry).optional(),
};

/** Workers Analytics Engine's query side. Without the account and its token, GET /internal/metrics is off. */
export const analytics = {
  CF_ACCOUNT_ID: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  CF_API_TOKEN: text.optional(),
  CF_API_ROOT: url.default("https://api.cloudflare.com/client/v4"),
};

/** Resend. Without its key and a sender, no mail is sent. */
export const mail = {
  RESEND_API_KEY: text.optional(),
  RESEND_BASE_URL: url.default("https://api.resend.com"),
  MAIL_FROM: text.optional(),
};

/** Object storage. Without all of the four that have no default, nothing is backed up or restored. */
export const backups = {
  /** With the storage's own path in it, without the bucket. */
  BACKUP_S3_URL: url.optional(),
  BACKUP_S3_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)
    .optional(),
  BACKUP_S3_REGION: text.default("auto"),
  BACKUP_S3_ACCESS_KEY_ID: text.optional(),
  BACKUP_S3_SECRET_ACCESS_KEY: text.optional(),
};

const NEEDED_FOR_BACKUPS = [
  "BACKUP_S3_URL",
  "BACKUP_S3_BUCKET",
  "BACKUP_S3_ACCESS_KEY_ID",
  "BACKUP_S3_SECRET_ACCESS_KEY",
] as const;

/** Of the storage's variables those that are missing, where some are there. */
export function missingForBackups(
  given: Readonly<Partial<Record<(typeof NEEDED_FOR_BACKUPS)[number], unknown>>>,
): string[] {
  const missing = NEEDED_FOR_BACKUPS.filter((name) => given[name] === undefined);
  return missing.length === NEEDED_FOR_BACKUPS.length ? [] : missing;
}

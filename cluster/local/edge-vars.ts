import { createHash } from "node:crypto";
import { OPERATOR_SCOPES } from "#schema/domain/operator-scopes.ts";
import type { LocalConfig } from "./config.ts";
import { BACKUP_BUCKET } from "./s3/bucket.ts";
import type { LocalSecrets } from "./secrets.ts";

/** Whether an address is Neon's own, which needs no front. */
export const isNeon = (databaseUrl: string): boolean => new URL(databaseUrl).hostname.endsWith(".neon.tech");

export const usesRealTelegram = (config: LocalConfig): boolean =>
  Boolean(config.TELEGRAM_API_ROOT || config.TELEGRAM_BOT_TOKEN);

/** Telegram itself is used as soon as its address or a real bot's token is named. */
export function telegramRoot(config: LocalConfig, services: string): string {
  if (config.TELEGRAM_API_ROOT) return config.TELEGRAM_API_ROOT;
  return config.TELEGRAM_BOT_TOKEN ? "https://api.telegram.org" : `${services}/telegram`;
}

/** The Worker's variables: a configured service where there is one, else the stand-in below `services`. */
export function edgeVars(
  config: LocalConfig,
  secrets: LocalSecrets,
  urls: { edge: string; services: string },
): Record<string, string> {
  return {
    ...databaseVars(config, urls.services),
    ...redisVars(config, secrets, urls.services),
    ...qstashVars(config, secrets, urls.services),
    ...modelVars(config, secrets, urls.services),
    ...mailVars(config, secrets, urls.services),
    ...backupVars(config, secrets, urls.services),
    TELEGRAM_API_ROOT: telegramRoot(config, urls.services),
    ...(!usesRealTelegram(config) && { TELEGRAM_CHAT_URL: `${urls.services}/telegram/?bot=` }),
    PUBLIC_URL: config.PUBLIC_URL ?? urls.edge,
    // Agents of this machine need no way around.
    POD_PROXY_URL: urls.edge,
    KEK_CURRENT: secrets.kek,
    TOKEN_KEY_CURRENT: secrets.tokenKey,
    INTERNAL_KEYS: JSON.stringify([{ name: "local", sha256: sha256(secrets.operatorKey), scopes: OPERATOR_SCOPES }]),
  };
}

function databaseVars(config: LocalConfig, services: string): Record<string, string> {
  if (config.DATABASE_URL && isNeon(config.DATABASE_URL)) return { DATABASE_URL: config.DATABASE_URL };
  // The front knows the real address; the driver only wants one that parses.
  return {
    DATABASE_URL: "postgresql://local:local@local.invalid/openclaw_cloud",
    NEON_HTTP_ENDPOINT: `${services}/neon/sql`,
  };
}

function redisVars(config: LocalConfig, secrets: LocalSecrets, services: string): Record<string, string> {
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = config;
  if (url && token) return { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token };
  return { UPSTASH_REDIS_REST_URL: `${services}/redis`, UPSTASH_REDIS_REST_TOKEN: secrets.redisToken };
}

function qstashVars(config: LocalConfig, secrets: LocalSecrets, services: string): Record<string, string> {
  const { QSTASH_TOKEN, QSTASH_CURRENT_SIGNING_KEY, QSTASH_NEXT_SIGNING_KEY, QSTASH_URL } = config;
  if (QSTASH_TOKEN && QSTASH_CURRENT_SIGNING_KEY && QSTASH_NEXT_SIGNING_KEY) {
    return { QSTASH_TOKEN, QSTASH_CURRENT_SIGNING_KEY, QSTASH_NEXT_SIGNING_KEY, ...(QSTASH_URL && { QSTASH_URL }) };
  }
  return {
    QSTASH_URL: `${services}/qstash`,
    QSTASH_TOKEN: secrets.qstashToken,
    QSTASH_CURRENT_SIGNING_KEY: secrets.qstashCurrentKey,
    QSTASH_NEXT_SIGNING_KEY: secrets.qstashNextKey,
  };
}

function modelVars(config: LocalConfig, secrets: LocalSecrets, services: string): Record<string, string> {
  const { MODEL_TABLE, MODEL_KEYS } = config;
  return { ...kimiVars(config, secrets, services), ...(MODEL_TABLE && { MODEL_TABLE }), ...MODEL_KEYS };
}

function kimiVars(config: LocalConfig, secrets: LocalSecrets, services: string): Record<string, string> {
  if (!config.KIMI_API_KEY) return { KIMI_BASE_URL: `${services}/model`, KIMI_API_KEY: secrets.modelKey };
  return { KIMI_API_KEY: config.KIMI_API_KEY, ...(config.KIMI_BASE_URL && { KIMI_BASE_URL: config.KIMI_BASE_URL }) };
}

function mailVars(config: LocalConfig, secrets: LocalSecrets, services: string): Record<string, string> {
  if (config.RESEND_API_KEY)
    return { RESEND_API_KEY: config.RESEND_API_KEY, ...(config.MAIL_FROM && { MAIL_FROM: config.MAIL_FROM }) };
  return {
    RESEND_BASE_URL: `${services}/mail`,
    RESEND_API_KEY: secrets.mailKey,
    MAIL_FROM: "openclaw-cloud <agents@openclaw-cloud.test>",
  };
}

function backupVars(config: LocalConfig, secrets: LocalSecrets, services: string): Record<string, string> {
  const { BACKUP_S3_URL, BACKUP_S3_BUCKET, BACKUP_S3_ACCESS_KEY_ID, BACKUP_S3_SECRET_ACCESS_KEY, BACKUP_S3_REGION } =
    config;
  if (BACKUP_S3_URL && BACKUP_S3_BUCKET && BACKUP_S3_ACCESS_KEY_ID && BACKUP_S3_SECRET_ACCESS_KEY) {
    const given = { BACKUP_S3_URL, BACKUP_S3_BUCKET, BACKUP_S3_ACCESS_KEY_ID, BACKUP_S3_SECRET_ACCESS_KEY };
    return { ...given, ...(BACKUP_S3_REGION && { BACKUP_S3_REGION }) };
  }
  return {
    BACKUP_S3_URL: `${services}/s3`,
    BACKUP_S3_BUCKET: BACKUP_BUCKET,
    BACKUP_S3_ACCESS_KEY_ID: secrets.s3KeyId,
    BACKUP_S3_SECRET_ACCESS_KEY: secrets.s3Secret,
  };
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

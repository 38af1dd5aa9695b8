import { createHash } from "node:crypto";
import { OPERATOR_SCOPES } from "#schema/domain/operator-scopes.ts";
import type { LocalConfig } from "./config.ts";
import type { ServiceName } from "./ports.ts";
import { BACKUP_BUCKET } from "./s3/bucket.ts";
import type { LocalSecrets } from "./secrets.ts";

type Vars = Record<string, string>;

/** Whether an address is Neon's own, which needs no front. */
export const isNeon = (databaseUrl = ""): boolean => URL.parse(databaseUrl)?.hostname.endsWith(".neon.tech") ?? false;

/** The real Telegram is used as soon as its address or a real bot's token is set. */
export const usesRealTelegram = (config: LocalConfig): boolean =>
  Boolean(config.TELEGRAM_API_ROOT || config.TELEGRAM_BOT_TOKEN);

/** The Worker's variables: each configured service, otherwise its stand-in. */
export function edgeVars(config: LocalConfig, secrets: LocalSecrets, urls: Record<"edge" | ServiceName, string>): Vars {
  return {
    ...databaseVars(config, secrets, urls.neon),
    ...redisVars(config, secrets, urls.redis),
    ...qstashVars(config, secrets, urls.qstash),
    ...modelVars(config, secrets, urls.model),
    ...mailVars(config, secrets, urls.mail),
    ...backupVars(config, secrets, urls.s3),
    ...telegramVars(config, urls),
    PUBLIC_URL: config.PUBLIC_URL ?? urls.edge,
    // Agents of this machine reach the edge directly.
    POD_PROXY_URL: urls.edge,
    KEK_CURRENT: secrets.kek,
    TOKEN_KEY_CURRENT: secrets.tokenKey,
    INTERNAL_KEYS: JSON.stringify([{ name: "local", sha256: sha256(secrets.operatorKey), scopes: OPERATOR_SCOPES }]),
  };
}

/** Those that are configured. */
function given(config: LocalConfig, ...names: (keyof LocalConfig)[]): Vars {
  return Object.fromEntries(names.flatMap((name) => (config[name] ? [[name, String(config[name])]] : [])));
}

function databaseVars(config: LocalConfig, secrets: LocalSecrets, url: string): Vars {
  if (isNeon(config.DATABASE_URL)) return given(config, "DATABASE_URL");
  return { DATABASE_URL: secrets.databaseUrl, NEON_HTTP_ENDPOINT: `${url}/sql` };
}

function redisVars(config: LocalConfig, secrets: LocalSecrets, url: string): Vars {
  if (config.UPSTASH_REDIS_REST_URL) return given(config, "UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN");
  return { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: secrets.redisToken };
}

function qstashVars(config: LocalConfig, secrets: LocalSecrets, url: string): Vars {
  if (config.QSTASH_TOKEN)
    return given(config, "QSTASH_TOKEN", "QSTASH_CURRENT_SIGNING_KEY", "QSTASH_NEXT_SIGNING_KEY", "QSTASH_URL");
  return {
    QSTASH_URL: url,
    QSTASH_TOKEN: secrets.qstashToken,
    QSTASH_CURRENT_SIGNING_KEY: secrets.qstashCurrentKey,
    QSTASH_NEXT_SIGNING_KEY: secrets.qstashNextKey,
  };
}

function modelVars(config: LocalConfig, secrets: LocalSecrets, url: string): Vars {
  const kimi = config.KIMI_API_KEY
    ? given(config, "KIMI_API_KEY", "KIMI_BASE_URL")
    : { KIMI_API_KEY: secrets.modelKey, KIMI_BASE_URL: url };
  return { ...kimi, ...given(config, "MODEL_TABLE"), ...config.MODEL_KEYS };
}

function mailVars(config: LocalConfig, secrets: LocalSecrets, url: string): Vars {
  if (config.RESEND_API_KEY) return given(config, "RESEND_API_KEY", "MAIL_FROM");
  return {
    RESEND_BASE_URL: url,
    RESEND_API_KEY: secrets.mailKey,
    MAIL_FROM: "openclaw-cloud <agents@openclaw-cloud.test>",
  };
}

function backupVars(config: LocalConfig, secrets: LocalSecrets, url: string): Vars {
  const keys = ["BACKUP_S3_BUCKET", "BACKUP_S3_ACCESS_KEY_ID", "BACKUP_S3_SECRET_ACCESS_KEY"] as const;
  if (config.BACKUP_S3_URL) return given(config, "BACKUP_S3_URL", "BACKUP_S3_REGION", ...keys);
  return {
    BACKUP_S3_URL: url,
    BACKUP_S3_BUCKET: BACKUP_BUCKET,
    BACKUP_S3_ACCESS_KEY_ID: secrets.s3KeyId,
    BACKUP_S3_SECRET_ACCESS_KEY: secrets.s3Secret,
  };
}

function telegramVars(config: LocalConfig, urls: Record<"telegram" | "chats", string>): Vars {
  if (!usesRealTelegram(config)) return { TELEGRAM_API_ROOT: urls.telegram, TELEGRAM_CHAT_URL: `${urls.chats}/?bot=` };
  return { TELEGRAM_API_ROOT: config.TELEGRAM_API_ROOT ?? "https://api.telegram.org" };
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

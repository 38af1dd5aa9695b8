/** The edge's configuration: parsed once from the Worker's bindings, complete or not at all. */
import * as z from "zod";
import { OPERATOR_SCOPES } from "#schema/domain/operator-scopes.ts";
import type { ModelTable } from "./models/model-table.ts";
import { defaultTable, ModelTableEntry, resolveTable } from "./models/model-table-config.ts";

const url = z.url().transform((text) => text.replace(/\/+$/, ""));
const text = z.string().min(1);

/** 32 bytes in base64: `openssl rand -base64 32`. */
const key = z.string().transform((base64, issue) => {
  const bytes = decodeBase64(base64);
  if (bytes?.length === 32) return bytes;
  issue.addIssue({ code: "custom", message: "must be 32 bytes in base64" });
  return z.NEVER;
});

/** JSON in a variable. */
const json = (what: string) =>
  z.string().transform((text, issue) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      issue.addIssue({ code: "custom", message: `must be ${what}` });
      return z.NEVER;
    }
  });

const internalKeys = json("a JSON array").pipe(
  z.array(
    z.strictObject({
      name: z.string().regex(/^[a-z0-9-]{1,32}$/),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      scopes: z.array(z.enum(OPERATOR_SCOPES)),
    }),
  ),
);

const Variables = z
  .object({
    DATABASE_URL: text,
    NEON_HTTP_ENDPOINT: url.optional(),
    UPSTASH_REDIS_REST_URL: url,
    UPSTASH_REDIS_REST_TOKEN: text,
    QSTASH_URL: url.default("https://qstash.upstash.io"),
    QSTASH_TOKEN: text,
    QSTASH_CURRENT_SIGNING_KEY: text,
    QSTASH_NEXT_SIGNING_KEY: text,
    TELEGRAM_API_ROOT: url.default("https://api.telegram.org"),
    POD_TELEGRAM_API_ROOT: url.optional(),
    /** With a bot's username after it: where people chat with the bot. */
    TELEGRAM_CHAT_URL: z.url().default("https://t.me/"),
    KIMI_API_KEY: text,
    KIMI_BASE_URL: url.default("https://api.moonshot.ai"),
    MODEL_TABLE: json("a JSON object").pipe(ModelTableEntry).optional(),
    CF_ACCOUNT_ID: z
      .string()
      .regex(/^[0-9a-f]{32}$/)
      .optional(),
    CF_API_TOKEN: text.optional(),
    CF_API_ROOT: url.default("https://api.cloudflare.com/client/v4"),
    PUBLIC_URL: url,
    POD_PROXY_URL: url.optional(),
    KEK_CURRENT: key,
    KEK_PREVIOUS: key.optional(),
    TOKEN_KEY_CURRENT: key,
    TOKEN_KEY_PREVIOUS: key.optional(),
    INTERNAL_KEYS: internalKeys,
    RESEND_API_KEY: text.optional(),
    RESEND_BASE_URL: url.default("https://api.resend.com"),
    MAIL_FROM: text.optional(),
    DEFAULT_CLUSTER: text.optional(),
    /** How long a booked request waits for others before it goes to the ledger, milliseconds. */
    USAGE_FLUSH_MS: z.coerce.number().int().min(0).max(5_000).default(4_000),
    /** With the storage's own path in it, without the bucket. */
    BACKUP_S3_URL: url.optional(),
    BACKUP_S3_BUCKET: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)
      .optional(),
    BACKUP_S3_REGION: text.default("auto"),
    BACKUP_S3_ACCESS_KEY_ID: text.optional(),
    BACKUP_S3_SECRET_ACCESS_KEY: text.optional(),
  })
  .superRefine((config, issue) => {
    const names = [
      "BACKUP_S3_URL",
      "BACKUP_S3_BUCKET",
      "BACKUP_S3_ACCESS_KEY_ID",
      "BACKUP_S3_SECRET_ACCESS_KEY",
    ] as const;
    const missing = names.filter((name) => config[name] === undefined);
    if (missing.length === names.length) return;
    for (const name of missing)
      issue.addIssue({ code: "custom", path: [name], message: "is missing: backups need all of them" });
  })
  .transform((config) => ({
    ...config,
    POD_TELEGRAM_API_ROOT: config.POD_TELEGRAM_API_ROOT ?? config.TELEGRAM_API_ROOT,
    POD_PROXY_URL: config.POD_PROXY_URL ?? config.PUBLIC_URL,
  }));
/** The model table comes with its providers' keys. */
export type Config = Omit<z.infer<typeof Variables>, "MODEL_TABLE"> & { MODEL_TABLE: ModelTable };
export type InternalKey = Config["INTERNAL_KEYS"][number];

/** Names what is missing or malformed, never its value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const parsed = new WeakMap<object, Config>();

/** The configuration in these bindings. Throws ConfigError; parses the same bindings once. */
export function readConfig(bindings: object): Config {
  const known = parsed.get(bindings);
  if (known) return known;
  const result = Variables.safeParse(withoutEmpty(bindings));
  if (!result.success) throw new ConfigError(describe(result.error));
  const { MODEL_TABLE: rows = defaultTable(result.data.KIMI_BASE_URL), ...rest } = result.data;
  const table = resolveTable(rows, bindings);
  if ("problems" in table)
    throw new ConfigError(`MODEL_TABLE: ${table.problems.join("; ")}. See docs/04-token-proxy.md.`);
  const config: Config = { ...rest, MODEL_TABLE: table };
  parsed.set(bindings, config);
  return config;
}

function describe(error: z.ZodError): string {
  const lines = error.issues.map((issue) => `${issue.path.join(".")}: ${wordsFor(issue)}`);
  return `The Worker's configuration is not complete. ${lines.join("; ")}. See docs/02-configuration.md.`;
}

function wordsFor(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type" && issue.input === undefined) return "is missing";
  return issue.code === "custom" ? issue.message : "is malformed";
}

/** An empty variable counts as one that is not set. */
function withoutEmpty(bindings: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(bindings).filter(([, value]) => value !== ""));
}

function decodeBase64(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** The edge's configuration, parsed once from the Worker's bindings; it throws if anything is missing. */
import * as z from "zod";
import { sha256, text } from "#schema/contracts/parts.ts";
import { OPERATOR_SCOPES } from "#schema/domain/operator-scopes.ts";
import {
  analytics,
  backups,
  database,
  mail,
  missingForBackups,
  models,
  qstash,
  redis,
  telegram,
} from "./config/integrations.ts";
import { filled, json, key, url } from "./config/variables.ts";
import type { ModelTable } from "./models/model-table.ts";
import { defaultTable, resolveTable } from "./models/model-table-config.ts";

const internalKeys = json("a JSON array").pipe(
  z.array(
    z.strictObject({
      name: text(32).regex(/^[a-z0-9-]+$/),
      sha256,
      scopes: z.array(z.enum(OPERATOR_SCOPES)),
    }),
  ),
);

const Variables = z
  .object({
    ...database,
    ...redis,
    ...qstash,
    ...telegram,
    ...models,
    ...analytics,
    ...mail,
    ...backups,
    PUBLIC_URL: url,
    /** Where pods reach the edge; default: PUBLIC_URL. */
    POD_PROXY_URL: url.optional(),
    KEK_CURRENT: key,
    KEK_PREVIOUS: key.optional(),
    TOKEN_KEY_CURRENT: key,
    TOKEN_KEY_PREVIOUS: key.optional(),
    INTERNAL_KEYS: internalKeys,
    DEFAULT_CLUSTER: filled.optional(),
    /** What Cloudflare lets one run of the Worker ask of others: 1,000 on its paid plan, 50 on the free one. */
    SUBREQUEST_LIMIT: z.coerce.number().int().min(50).max(10_000).default(1_000),
    /** How long settled usage waits for more before it goes to the ledger, in milliseconds. */
    USAGE_FLUSH_MS: z.coerce.number().int().min(0).max(5_000).default(4_000),
  })
  .superRefine((config, issue) => {
    for (const name of missingForBackups(config)) {
      issue.addIssue({ code: "custom", path: [name], message: "is missing: backups need all of them" });
    }
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
  return `The Worker's configuration is invalid. ${lines.join("; ")}. See docs/02-configuration.md.`;
}

function wordsFor(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type" && issue.input === undefined) return "is missing";
  return issue.code === "custom" ? issue.message : "is malformed";
}

/** An empty variable counts as one that is not set. */
function withoutEmpty(bindings: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(bindings).filter(([, value]) => value !== ""));
}

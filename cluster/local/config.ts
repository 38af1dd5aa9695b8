import * as z from "zod";
import { LOOPBACK } from "./http/refusal.ts";

const address = z.url({ protocol: /^https?$/, error: "must be an address that begins with https:// or http://" });

const Environment = z.object({
  /** Any PostgreSQL. A Neon address is spoken to directly, another through the built-in Neon front. */
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: "must look like postgresql://user:password@host/database" })
    .optional(),
  UPSTASH_REDIS_REST_URL: address.optional(),
  UPSTASH_REDIS_REST_TOKEN: z.string().optional(),
  QSTASH_URL: address.optional(),
  QSTASH_TOKEN: z.string().optional(),
  QSTASH_CURRENT_SIGNING_KEY: z.string().optional(),
  QSTASH_NEXT_SIGNING_KEY: z.string().optional(),
  /** Where QStash and agents outside this machine reach the edge. */
  PUBLIC_URL: address.optional(),
  KIMI_API_KEY: z.string().optional(),
  KIMI_BASE_URL: address.optional(),
  /** Other providers and models than the built-in ones; it names the variables that hold their keys. */
  MODEL_TABLE: z.string().optional(),
  /** Set it (or a bot token of BotFather's) to use the real Telegram. */
  TELEGRAM_API_ROOT: address.optional(),
  TELEGRAM_BOT_TOKEN: z.string().optional(),
  RESEND_API_KEY: z.string().optional(),
  MAIL_FROM: z.string().optional(),
  /** Object storage for backups: R2, Hetzner, MinIO. */
  BACKUP_S3_URL: address.optional(),
  BACKUP_S3_BUCKET: z.string().optional(),
  BACKUP_S3_REGION: z.string().optional(),
  BACKUP_S3_ACCESS_KEY_ID: z.string().optional(),
  BACKUP_S3_SECRET_ACCESS_KEY: z.string().optional(),
  KUBECONFIG: z.string().optional(),
  GATEWAY_IMAGE: z.string().optional(),
  /** `off` for a cluster that can't enforce network policies; without, its boxes would never start. */
  EGRESS_GATE: z.enum(["on", "off"], "must be on or off").optional(),
  /** The edge's; ports.ts says which others follow it. 0: free ones. */
  PORT: z.coerce.number("must be a number").int("must be a whole number").min(0).max(65_531).default(8787),
  /** Where the edge and the built-in Bot API listen; pods of a cluster need an address that they can reach. */
  HOST: z.string().default("127.0.0.1"),
  DATA_DIR: z.string().default(".local"),
  PUBLIC_TELEGRAM_BOT: z.string().optional(),
  PUBLIC_SITE_URL: address.optional(),
});

/** How `npm start` is configured: each real service is used as soon as its key or address is set. */
export type LocalConfig = z.infer<typeof Environment> & {
  /** What MODEL_TABLE's providers may ask for: every variable whose name ends in `_API_KEY`. Empty without a table. */
  MODEL_KEYS: Record<string, string>;
};

/** Empty values count as absent, as in a copied `.env.example`. @throws Error that names what is wrong, not its value. */
export function readLocalConfig(environment: Record<string, string | undefined>): LocalConfig {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`a setting in .env or the environment is wrong.\n  ${wrong.join("\n  ")}\nSee .env.example.`);
  }
  checkPairs(parsed.data);
  return { ...parsed.data, MODEL_KEYS: parsed.data.MODEL_TABLE ? apiKeysOf(given) : {} };
}

const apiKeysOf = (given: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value && name.endsWith("_API_KEY") ? [[name, value]] : [])),
  );

function checkPairs(config: z.infer<typeof Environment>): void {
  if (config.MODEL_TABLE?.includes('"KIMI_API_KEY"') && !config.KIMI_API_KEY) {
    throw new Error("MODEL_TABLE names KIMI_API_KEY, so it has to be set.");
  }
  if (config.KUBECONFIG && !config.GATEWAY_IMAGE) {
    throw new Error("KUBECONFIG is set, so GATEWAY_IMAGE is needed too: the image of the agents (npm run image).");
  }
  if (config.KUBECONFIG && LOOPBACK.test(config.HOST)) {
    throw new Error("KUBECONFIG is set, so HOST must be an address of this machine that the cluster's pods can reach.");
  }
  if (config.UPSTASH_REDIS_REST_URL && !config.UPSTASH_REDIS_REST_TOKEN) {
    throw new Error("UPSTASH_REDIS_REST_URL is set, so UPSTASH_REDIS_REST_TOKEN is needed too.");
  }
  if (config.BACKUP_S3_URL) {
    for (const name of ["BACKUP_S3_BUCKET", "BACKUP_S3_ACCESS_KEY_ID", "BACKUP_S3_SECRET_ACCESS_KEY"] as const) {
      if (!config[name]) throw new Error(`BACKUP_S3_URL is set, so ${name} is needed too.`);
    }
  }
  if (config.QSTASH_TOKEN) {
    for (const name of ["QSTASH_CURRENT_SIGNING_KEY", "QSTASH_NEXT_SIGNING_KEY", "PUBLIC_URL"] as const) {
      if (!config[name]) throw new Error(`QSTASH_TOKEN is set, so ${name} is needed too: QStash calls back.`);
    }
  }
}

const INHERITED = [
  "PATH",
  "HOME",
  "TMPDIR",
  "XDG_CACHE_HOME",
  "SSL_CERT_FILE",
  "NODE_EXTRA_CA_CERTS",
  // How npm reaches its registry, for whoever fetches OpenClaw first.
  "npm_config_registry",
  "npm_config_cache",
  "npm_config_userconfig",
];

/** What a child process needs of this one's environment, and nothing that could be a secret. */
export function childEnvironment(): Record<string, string> {
  return Object.fromEntries(INHERITED.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

/** Wrangler's functions read `.env` too, which is ours to read, and say so. */
export function quietWrangler(): void {
  process.env.CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV = "false";
}

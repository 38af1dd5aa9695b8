import * as z from "zod";
import { LOOPBACK } from "./http/refusal.ts";

const text = z.string().optional();
const address = z
  .url({ protocol: /^https?$/, error: "must be an address that begins with https:// or http://" })
  .optional();

const Environment = z.object({
  /** Any PostgreSQL: a Neon address is used directly, another through the built-in Neon front. */
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: "must look like postgresql://user:password@host/database" })
    .optional(),
  UPSTASH_REDIS_REST_URL: address,
  UPSTASH_REDIS_REST_TOKEN: text,
  QSTASH_URL: address,
  QSTASH_TOKEN: text,
  QSTASH_CURRENT_SIGNING_KEY: text,
  QSTASH_NEXT_SIGNING_KEY: text,
  /** Where QStash and agents outside this machine reach the edge. */
  PUBLIC_URL: address,
  KIMI_API_KEY: text,
  KIMI_BASE_URL: address,
  /** Other providers and models than the built-in ones; it names the variables that hold their keys. */
  MODEL_TABLE: text,
  /** Set it (or a bot token of BotFather's) to use the real Telegram. */
  TELEGRAM_API_ROOT: address,
  TELEGRAM_BOT_TOKEN: text,
  RESEND_API_KEY: text,
  MAIL_FROM: text,
  /** Object storage for backups: R2, Hetzner, MinIO. */
  BACKUP_S3_URL: address,
  BACKUP_S3_BUCKET: text,
  BACKUP_S3_REGION: text,
  BACKUP_S3_ACCESS_KEY_ID: text,
  BACKUP_S3_SECRET_ACCESS_KEY: text,
  KUBECONFIG: text,
  GATEWAY_IMAGE: text,
  /** `off` for a cluster that can't enforce network policies; without, its boxes would never start. */
  EGRESS_GATE: z.enum(["on", "off"], "must be on or off").optional(),
  /** The edge's; ports.ts says which others follow it. 0: free ones. */
  PORT: z.coerce.number("must be a number").int("must be a whole number").min(0).max(65_531).default(8787),
  /** Where the edge and the built-in Bot API listen; pods of a cluster need an address that they can reach. */
  HOST: z.string().default("127.0.0.1"),
  DATA_DIR: z.string().default(".local"),
  PUBLIC_TELEGRAM_BOT: text,
  PUBLIC_SITE_URL: address,
});
type Settings = z.infer<typeof Environment>;

/** How `npm start` is configured: each real service is used as soon as its key or address is set. */
export type LocalConfig = Settings & {
  /** The keys for MODEL_TABLE's providers: every variable whose name ends in `_API_KEY`. Empty without a table. */
  MODEL_KEYS: Record<string, string>;
};

/** Empty values count as absent, as in a copied `.env.example`. @throws Error that names what is wrong, not its value. */
export function readLocalConfig(environment: Record<string, string | undefined>): LocalConfig {
  const given = Object.entries(environment).flatMap(([name, value]) => (value ? [[name, value] as const] : []));
  const { data, error } = Environment.safeParse(Object.fromEntries(given));
  if (error) {
    const wrong = error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`a setting in .env or the environment is invalid.\n  ${wrong.join("\n  ")}\nSee .env.example.`);
  }
  checkPairs(data);
  const keys = given.filter(([name]) => name.endsWith("_API_KEY"));
  return { ...data, MODEL_KEYS: data.MODEL_TABLE ? Object.fromEntries(keys) : {} };
}

/** What other settings a setting needs, and why. */
const NEEDED: [keyof Settings, (keyof Settings)[], string?][] = [
  ["KUBECONFIG", ["GATEWAY_IMAGE"], "the image of the agents (npm run image)"],
  ["UPSTASH_REDIS_REST_URL", ["UPSTASH_REDIS_REST_TOKEN"]],
  ["BACKUP_S3_URL", ["BACKUP_S3_BUCKET", "BACKUP_S3_ACCESS_KEY_ID", "BACKUP_S3_SECRET_ACCESS_KEY"]],
  ["QSTASH_TOKEN", ["QSTASH_CURRENT_SIGNING_KEY", "QSTASH_NEXT_SIGNING_KEY", "PUBLIC_URL"], "QStash calls back"],
];

function checkPairs(config: Settings): void {
  for (const [name, others, why] of NEEDED) {
    const missing = config[name] && others.find((other) => !config[other]);
    if (missing) throw new Error(`${name} is set, so ${missing} is needed too${why ? `: ${why}` : ""}.`);
  }
  if (config.MODEL_TABLE?.includes('"KIMI_API_KEY"') && !config.KIMI_API_KEY)
    throw new Error("MODEL_TABLE names KIMI_API_KEY, so it has to be set.");
  if (config.KUBECONFIG && LOOPBACK.test(config.HOST))
    throw new Error("KUBECONFIG is set, so HOST must be an address of this machine that the cluster's pods can reach.");
}

/** Also the variables by which npm reaches its registry, for fetching OpenClaw. */
const INHERITED =
  /^(PATH|HOME|TMPDIR|XDG_CACHE_HOME|SSL_CERT_FILE|NODE_EXTRA_CA_CERTS|npm_config_(registry|cache|userconfig))$/;

/** The part of the environment that a child process needs, without secrets. */
export function childEnvironment(): Record<string, string> {
  const all = Object.entries(process.env);
  return Object.fromEntries(all.flatMap(([name, value]) => (value && INHERITED.test(name) ? [[name, value]] : [])));
}

/** Wrangler's functions would read `.env` too, and log it. */
export function quietWrangler(): void {
  process.env.CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV = "false";
}

/** Miniflare makes a folder where the system says; after `kill -9` nobody would know whose it is. */
export function withTemporaryFolder<T>(folder: string | undefined, make: () => T): T {
  const { TMPDIR: before } = process.env;
  if (folder) process.env.TMPDIR = folder;
  try {
    return make();
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}

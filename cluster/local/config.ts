import * as z from "zod";

const Environment = z.object({
  /** Any PostgreSQL. A Neon address is spoken to directly, another through the built-in Neon front. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  UPSTASH_REDIS_REST_URL: z.url().optional(),
  UPSTASH_REDIS_REST_TOKEN: z.string().optional(),
  /** A Redis server behind the built-in Upstash front. */
  REDIS_URL: z.url({ protocol: /^redis$/ }).optional(),
  QSTASH_URL: z.url().optional(),
  QSTASH_TOKEN: z.string().optional(),
  QSTASH_CURRENT_SIGNING_KEY: z.string().optional(),
  QSTASH_NEXT_SIGNING_KEY: z.string().optional(),
  /** Where QStash and agents outside this machine reach the edge. */
  PUBLIC_URL: z.url().optional(),
  KIMI_API_KEY: z.string().optional(),
  KIMI_BASE_URL: z.url().optional(),
  /** Set it (or a bot token of BotFather's) to use the real Telegram. */
  TELEGRAM_API_ROOT: z.url().optional(),
  TELEGRAM_BOT_TOKEN: z.string().optional(),
  RESEND_API_KEY: z.string().optional(),
  MAIL_FROM: z.string().optional(),
  KUBECONFIG: z.string().optional(),
  GATEWAY_IMAGE: z.string().optional(),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8787),
  /** The address to listen on; a second one for pods of a cluster on this machine. */
  HOST: z.string().default("127.0.0.1"),
  DATA_DIR: z.string().default(".local"),
});

/** How `npm start` is configured: each real service is used as soon as its key or address is set. */
export type LocalConfig = z.infer<typeof Environment>;

/** Empty values count as absent, as in a copied `.env.example`. @throws Error that names what is wrong, not its value. */
export function readLocalConfig(environment: Record<string, string | undefined>): LocalConfig {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`The environment is not usable:\n  ${wrong.join("\n  ")}\nSee .env.example.`);
  }
  checkPairs(parsed.data);
  return parsed.data;
}

function checkPairs(config: LocalConfig): void {
  if (config.UPSTASH_REDIS_REST_URL && !config.UPSTASH_REDIS_REST_TOKEN) {
    throw new Error("UPSTASH_REDIS_REST_URL is set, so UPSTASH_REDIS_REST_TOKEN is needed too.");
  }
  if (config.QSTASH_TOKEN) {
    for (const name of ["QSTASH_CURRENT_SIGNING_KEY", "QSTASH_NEXT_SIGNING_KEY", "PUBLIC_URL"] as const) {
      if (!config[name]) throw new Error(`QSTASH_TOKEN is set, so ${name} is needed too: QStash calls back.`);
    }
  }
}

/** What a child process needs of this one's environment, and nothing that could be a secret. */
export function childEnvironment(): Record<string, string> {
  const names = ["PATH", "HOME", "TMPDIR", "XDG_CACHE_HOME", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

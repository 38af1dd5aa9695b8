import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import { inject } from "vitest";
import { type Edge, startEdge } from "#cluster/local/edge.ts";
import { serve } from "#cluster/local/http/serve.ts";
import { createModel, type ModelOptions, type ModelStandIn } from "#cluster/local/model/model.ts";
import { createNeon, type Neon } from "#cluster/local/neon/neon.ts";
import { deriveToken, importTokenKey, type TokenKeys } from "#schema/domain/proxy-token.ts";
import { template } from "#schema/migrator/testing/templates.ts";
import { until } from "#tests/harness/until.ts";

export const PLATFORM_KEY = "sk-the-platforms-own-key-0123456789";

const DATABASE_URL = "postgresql://proxy:secret@local.invalid/openclaw_cloud";

interface StandInUrls {
  neon: string;
  model: string;
}

export interface ProxyStack {
  url: string;
  edge: Edge;
  neon: Neon;
  model: ModelStandIn;
  logs: string[];
  /** How many requests the database has had from the edge. */
  databaseCalls(): number;
  makeCustomer(over?: CustomerOptions): Promise<Customer>;
  /** The ledger's rows of a customer, once there are this many. */
  ledger(customerId: string, rows: number): Promise<LedgerRow[]>;
  close(): Promise<void>;
}

export interface CustomerOptions {
  language?: string;
  tier?: "starter" | "pro" | "team";
  whenSpent?: "message" | "error";
  /** Tokens that the ledger already holds for the current period. */
  used?: number;
}

export interface Customer {
  id: string;
  token: string;
  tokenId: string;
}

export interface LedgerRow {
  id: string;
  token_id: string;
  model: string;
  input_tokens: number;
  cached_input_tokens: number;
  output_tokens: number;
  estimated: boolean;
  outcome: string;
}

/** The Worker in workerd with a database and a model provider: all that the proxy needs. */
export async function startProxyStack(
  options: Partial<ModelOptions> & {
    vars?: Record<string, string>;
    /** The same, for what names the stand-ins' addresses. */
    varsFor?: (urls: StandInUrls) => Record<string, string>;
    /** Where the Durable Objects' files go; in memory if absent. */
    persistTo?: string;
  } = {},
): Promise<ProxyStack> {
  const neon = await createNeon({ connectionString: DATABASE_URL, template: await template("migrated") });
  const model = createModel({ apiKey: PLATFORM_KEY, chunkDelayMs: 1, ...options });
  let databaseCalls = 0;
  const counted = new Hono().use((_, next) => {
    databaseCalls++;
    return next();
  });
  const [database, provider] = await Promise.all([serve(counted.route("/", neon.app)), serve(model.app)]);
  const urls: StandInUrls = { neon: database.url, model: provider.url };
  const tokenKey = randomBytes(32);
  const logs: string[] = [];
  const edge = await startEdge({
    bundle: inject("bundle"),
    vars: {
      ...variables(urls, tokenKey.toString("base64")),
      ...options.vars,
      ...options.varsFor?.(urls),
    },
    persistTo: options.persistTo,
    onLog: (line) => logs.push(line),
  });
  const keys: TokenKeys = { current: await importTokenKey(new Uint8Array(tokenKey)) };
  return {
    url: edge.url,
    edge,
    neon,
    model,
    logs,
    databaseCalls: () => databaseCalls,
    makeCustomer: (over = {}) => makeCustomer(neon, keys, over),
    ledger: (customerId, rows) => readLedger(neon, customerId, rows),
    async close() {
      await edge.close();
      await Promise.all([database.close(), provider.close()]);
      await Promise.all([neon.close(), model.close()]);
    },
  };
}

/** What the proxy does not use is set, and leads nowhere. */
function variables(urls: StandInUrls, tokenKey: string): Record<string, string> {
  return {
    DATABASE_URL,
    NEON_HTTP_ENDPOINT: `${urls.neon}/sql`,
    KIMI_BASE_URL: urls.model,
    KIMI_API_KEY: PLATFORM_KEY,
    TOKEN_KEY_CURRENT: tokenKey,
    KEK_CURRENT: randomBytes(32).toString("base64"),
    PUBLIC_URL: "https://cloud.example",
    UPSTASH_REDIS_REST_URL: "http://127.0.0.1:9",
    UPSTASH_REDIS_REST_TOKEN: "unused",
    QSTASH_TOKEN: "unused",
    QSTASH_CURRENT_SIGNING_KEY: "unused",
    QSTASH_NEXT_SIGNING_KEY: "unused",
    INTERNAL_KEYS: "[]",
    // Tests wait for the ledger often.
    USAGE_FLUSH_MS: "200",
  };
}

async function makeCustomer(neon: Neon, keys: TokenKeys, over: CustomerOptions): Promise<Customer> {
  const [id, tokenId] = [crypto.randomUUID(), crypto.randomUUID()];
  const { token, hash, last4 } = await deriveToken(keys, id, tokenId);
  await neon.query(`insert into customers (id, email, language) values ($1, $2, $3)`, [
    id,
    `${id}@example.com`,
    over.language ?? "en",
  ]);
  await neon.query(
    `insert into subscriptions (id, customer_id, tier, status, current_period_start, current_period_end)
     values ($1, $2, $3, 'active', date_trunc('day', now()), date_trunc('day', now()) + interval '1 month')`,
    [crypto.randomUUID(), id, over.tier ?? "starter"],
  );
  await neon.query(
    `insert into proxy_tokens (id, customer_id, token_hash, last4, when_spent) values ($1, $2, $3, $4, $5)`,
    [tokenId, id, hash, last4, over.whenSpent ?? "error"],
  );
  if (over.used) {
    await neon.query(
      `insert into usage_monthly (customer_id, period_start, period_end, requests, input_tokens)
       select customer_id, current_period_start, current_period_end, 1, $2 from subscriptions where customer_id = $1`,
      [id, over.used],
    );
  }
  return { id, token, tokenId };
}

function readLedger(neon: Neon, customerId: string, rows: number): Promise<LedgerRow[]> {
  return until(`${rows} rows in the ledger`, async () => {
    const found = await neon.query<LedgerRow>(
      `select * from usage_events where customer_id = $1 order by occurred_at`,
      [customerId],
    );
    return found.length >= rows && found;
  });
}

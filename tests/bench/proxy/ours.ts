/** The product with everything on: tokens, limits, metering, the ledger, its log. */
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { bundleWorker } from "#cluster/local/edge.ts";
import { serve } from "#cluster/local/http/serve.ts";
import { createNeon, type Neon } from "#cluster/local/neon/neon.ts";
import { REPOSITORY } from "#cluster/local/repository.ts";
import { deriveToken, importTokenKey, type TokenKeys } from "#schema/domain/proxy-token.ts";
import type { Candidate } from "./candidate.ts";
import { forkServer } from "./child.ts";
import { memoryFolder } from "./memory-folder.ts";

/** One token may do ten requests a second: so many customers share the load. */
export const CUSTOMERS = 1_000;

/** Longer than a meter keeps an event for others to share its statement. */
const LEDGER_QUIET_MS = 3_000;

const MODEL = "kimi-coding/k2p5";
const DATABASE_URL = "postgresql://bench:bench@local.invalid/openclaw_cloud";

export async function startOurs(upstream: string, folder: string): Promise<Candidate> {
  const neon = await createNeon({ connectionString: DATABASE_URL });
  await neon.migrate(join(REPOSITORY, "schema/db/migrations"));
  const served = await serve(neon.app);
  const tokenKey = randomBytes(32);
  const tokens = await seedCustomers(neon, { current: await importTokenKey(new Uint8Array(tokenKey)) });
  const vars = variables(served.url, upstream, tokenKey.toString("base64"));
  const bundle = await bundleWorker(join(folder, "worker"));
  const persistTo = await memoryFolder(folder);
  const { child, url } = await forkServer("worker-process.ts", { bundle, vars, persistTo });
  const chat = `${url}/v1/chat/completions`;
  return {
    pid: child.pid,
    url: chat,
    headers: tokens.map((token) => ({ authorization: `Bearer ${token}` })),
    model: MODEL,
    rest: () => booked(neon),
    async stop() {
      await child.stop();
      await served.close();
      await neon.close();
      await rm(persistTo, { recursive: true, force: true });
    },
  };
}

/** What the proxy does not use is set, and leads nowhere. */
function variables(database: string, upstream: string, tokenKey: string): Record<string, string> {
  return {
    DATABASE_URL,
    NEON_HTTP_ENDPOINT: `${database}/sql`,
    KIMI_BASE_URL: upstream,
    KIMI_API_KEY: "sk-mock",
    TOKEN_KEY_CURRENT: tokenKey,
    KEK_CURRENT: randomBytes(32).toString("base64"),
    PUBLIC_URL: "https://cloud.example",
    UPSTASH_REDIS_REST_URL: "http://127.0.0.1:9",
    UPSTASH_REDIS_REST_TOKEN: "unused",
    QSTASH_TOKEN: "unused",
    QSTASH_CURRENT_SIGNING_KEY: "unused",
    QSTASH_NEXT_SIGNING_KEY: "unused",
    INTERNAL_KEYS: "[]",
  };
}

/** Customers with a plan and a token each, straight into the database. @returns the tokens. */
async function seedCustomers(neon: Neon, keys: TokenKeys): Promise<string[]> {
  const rows = await Promise.all(
    Array.from({ length: CUSTOMERS }, async () => {
      const [id, subscription, tokenId] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
      return { id, subscription, token_id: tokenId, ...(await deriveToken(keys, id, tokenId)) };
    }),
  );
  const list = JSON.stringify(rows.map(({ token: _, ...row }) => row));
  const from =
    "from jsonb_to_recordset($1::jsonb) as t(id uuid, subscription uuid, token_id uuid, hash text, last4 text)";
  await neon.query(`insert into customers (id, email) select id, id || '@example.com' ${from}`, [list]);
  await neon.query(
    `insert into subscriptions (id, customer_id, tier, status, current_period_start, current_period_end)
     select subscription, id, 'team', 'active', date_trunc('day', now()), date_trunc('day', now()) + interval '1 month' ${from}`,
    [list],
  );
  await neon.query(
    `insert into proxy_tokens (id, customer_id, token_hash, last4) select token_id, id, hash, last4 ${from}`,
    [list],
  );
  return rows.map(({ token }) => token);
}

/** Usage is written some seconds after the answer: waits until the ledger's rows grow no more. */
async function booked(neon: Neon): Promise<void> {
  for (let [seen, since] = [-1, 0]; performance.now() - since < LEDGER_QUIET_MS; ) {
    const [row] = await neon.query<{ n: number }>("select count(*)::int as n from usage_events");
    if (row && row.n !== seen) [seen, since] = [row.n, performance.now()];
    await new Promise((done) => setTimeout(done, 250));
  }
}

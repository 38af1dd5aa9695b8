import { sql } from "drizzle-orm";
import type { Ctx } from "../context.ts";

const TIMEOUT_MS = 3_000;

/** Whether the services that the edge stands on answer, and how fast. */
export async function checkServices(ctx: Ctx) {
  const [database, redis, qstash] = await Promise.all([
    timed(ctx.db.execute(sql`select 1`)),
    timed(ctx.redis.ping()),
    timed(reach(`${ctx.config.QSTASH_URL}/v2/keys`, ctx.config.QSTASH_TOKEN)),
  ]);
  return { database, redis, qstash };
}

async function timed(work: Promise<unknown>): Promise<{ ok: boolean; ms: number }> {
  const startedAt = Date.now();
  const ok = await work.then(
    () => true,
    () => false,
  );
  return { ok, ms: Date.now() - startedAt };
}

async function reach(url: string, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`answered ${response.status}`);
}

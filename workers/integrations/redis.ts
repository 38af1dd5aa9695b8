/** Upstash Redis, for data that may be lost (replay marks, caches). Everything works without it, but slower. */
import { Redis } from "@upstash/redis/cloudflare";
import type { Config } from "../config.ts";

const TIMEOUT_MS = 500;

export function createRedis(config: Pick<Config, "UPSTASH_REDIS_REST_URL" | "UPSTASH_REDIS_REST_TOKEN">): Redis {
  return new Redis({
    url: config.UPSTASH_REDIS_REST_URL,
    token: config.UPSTASH_REDIS_REST_TOKEN,
    signal: () => AbortSignal.timeout(TIMEOUT_MS),
    retry: false,
    enableTelemetry: false,
    enableAutoPipelining: false,
  });
}

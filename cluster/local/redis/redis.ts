import type { StandIn } from "../http/stand-in.ts";
import { redisEngine } from "./resp/redis-engine.ts";
import { rest } from "./rest.ts";
import { storeEngine } from "./store-engine.ts";

export interface RedisOptions {
  /** What clients must send as bearer. */
  token: string;
  /** A real Redis to use instead of the store in this process: `redis://host:port`. */
  redisUrl?: string | undefined;
  /** The store's clock, milliseconds since 1970. A real Redis has its own. */
  now?: (() => number) | undefined;
}

/** Upstash Redis as this machine can run it: its REST protocol, for `@upstash/redis` as it is. */
export function createRedis({ token, redisUrl, now = Date.now }: RedisOptions): StandIn {
  const engine = redisUrl ? redisEngine(redisUrl) : storeEngine(now);
  return { app: rest(engine, token), close: () => engine.close() };
}

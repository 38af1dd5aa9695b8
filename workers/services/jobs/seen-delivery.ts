/** Deliveries of late, in Redis: saves work on a replay. Without Redis every delivery is offered, which changes nothing. */
import type { Ctx } from "../../context.ts";

/** A signature lives five minutes. */
const KEEP_S = 600;
const keyOf = (jti: string): string => `qstash:jti:${jti}`;

export async function isReplay(ctx: Ctx, jti: string): Promise<boolean> {
  const seen = await ctx.redis.exists(keyOf(jti)).catch(() => 0);
  return seen === 1;
}

export function rememberDelivery(ctx: Ctx, jti: string): void {
  ctx.defer(ctx.redis.set(keyOf(jti), 1, { ex: KEEP_S }).catch(() => undefined));
}

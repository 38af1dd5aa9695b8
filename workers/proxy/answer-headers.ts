import { RATE_LIMIT } from "#schema/domain/tiers.ts";
import type { Standing } from "../contracts/meter.ts";
import { requestLimits, tokenLimits } from "./limit-headers.ts";

const WARN_AT = 0.9;

/** The answer's headers: all of them ours. Nothing of the provider's but the content type goes on. */
export function answerHeaders(standing: Standing, contentType: string, now: number): Record<string, string> {
  const { limit, settled, reserved, resetsAt, requestsLeft } = standing;
  const { burst, requestsPerSecond } = RATE_LIMIT;
  return {
    "content-type": contentType,
    "cache-control": contentType.startsWith("text/event-stream") ? "no-cache" : "no-store",
    "x-content-type-options": "nosniff",
    ...requestLimits(requestsLeft, (burst - requestsLeft) * (1_000 / requestsPerSecond)),
    ...tokenLimits(limit, limit - settled - reserved, resetsAt - now),
    ...(settled >= WARN_AT * limit && { "x-token-warning": "90%" }),
  };
}

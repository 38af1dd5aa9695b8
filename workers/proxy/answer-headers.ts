import { RATE_LIMIT } from "#schema/domain/tiers.ts";
import type { Standing } from "../objects/token-meter/calls.ts";

const WARN_AT = 0.9;

/** The answer's headers: all of them ours. Nothing of the provider's but the content type goes on. */
export function answerHeaders(standing: Standing, contentType: string, now: number): Headers {
  const { limit, settled, reserved, resetsAt, requestsLeft } = standing;
  const { burst, requestsPerSecond } = RATE_LIMIT;
  const headers = new Headers({
    "content-type": contentType,
    "cache-control": contentType.startsWith("text/event-stream") ? "no-cache" : "no-store",
    "x-ratelimit-limit-requests": String(burst),
    "x-ratelimit-remaining-requests": String(requestsLeft),
    "x-ratelimit-reset-requests": `${(burst - requestsLeft) * (1_000 / requestsPerSecond)}ms`,
    "x-ratelimit-limit-tokens": String(limit),
    "x-ratelimit-remaining-tokens": String(Math.max(0, limit - settled - reserved)),
    "x-ratelimit-reset-tokens": `${Math.max(0, Math.ceil((resetsAt - now) / 1_000))}s`,
  });
  if (settled >= WARN_AT * limit) headers.set("x-token-warning", "90%");
  return headers;
}

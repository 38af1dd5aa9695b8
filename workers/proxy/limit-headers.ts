/** OpenAI's names for where a client stands; Anthropic's clients show them too. */
import { RATE_LIMIT } from "#schema/domain/tiers.ts";

/** Requests of one token. `resetMs`: until the bucket is full again, or, where it is empty, until the next one passes. */
export const requestLimits = (remaining: number, resetMs: number) => ({
  "x-ratelimit-limit-requests": String(RATE_LIMIT.burst),
  "x-ratelimit-remaining-requests": String(remaining),
  "x-ratelimit-reset-requests": `${Math.ceil(resetMs)}ms`,
});

/** Tokens of the customer's period. */
export const tokenLimits = (limit: number, remaining: number, resetMs: number) => ({
  "x-ratelimit-limit-tokens": String(limit),
  "x-ratelimit-remaining-tokens": String(Math.max(0, remaining)),
  "x-ratelimit-reset-tokens": `${Math.max(0, Math.ceil(resetMs / 1_000))}s`,
});

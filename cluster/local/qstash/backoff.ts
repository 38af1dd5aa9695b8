/** When a failed delivery is tried again. Source: docs "retry". */
import { DAY, parseDuration } from "./duration.ts";
import { type Expression, parseExpression } from "./expression.ts";
import type { Message, Outcome } from "./message.ts";

const RESET_HEADERS = ["retry-after", "x-ratelimit-reset", "x-ratelimit-reset-requests", "x-ratelimit-reset-tokens"];

export type Verdict = { kind: "delivered" } | { kind: "retry"; delayMs: number } | { kind: "failed" };

/** Only 2xx is success; 489 with `Upstash-NonRetryable-Error: true` is never tried again. */
export function judge(message: Message, outcome: Outcome, now: number): Verdict {
  if (outcome.status >= 200 && outcome.status < 300) return { kind: "delivered" };
  if (message.retried >= message.settings.retries || isNonRetryable(outcome)) return { kind: "failed" };
  return { kind: "retry", delayMs: retryDelay(message, outcome, now) };
}

/** `n` counts retries from 1; milliseconds: 12 s, 2 m 28 s, 30 m 8 s, 6 h 7 m 6 s, then a day each. */
export function defaultBackoff(n: number): number {
  return Math.min(DAY, Math.floor(Math.exp(2.5 * n)) * 1_000);
}

function retryDelay(message: Message, outcome: Outcome, now: number): number {
  const asked = askedDelay(outcome, now);
  if (asked !== undefined) return asked;
  const { retryDelay: expression } = message.settings;
  const computed = expression === undefined ? Number.NaN : evaluate(parseExpression(expression), message.retried);
  return Number.isNaN(computed) ? defaultBackoff(message.retried + 1) : computed;
}

function evaluate(expression: Expression, retried: number): number {
  return Math.min(DAY, Math.max(0, expression(retried)));
}

/** The wait that the destination asked for, in milliseconds; one beyond a day is not honoured. */
function askedDelay(outcome: Outcome, now: number): number | undefined {
  for (const name of RESET_HEADERS) {
    const value = headerOf(outcome, name);
    const delay = value === undefined ? undefined : readDelay(value.trim(), now);
    if (delay !== undefined) return delay <= DAY ? delay : undefined;
  }
  return undefined;
}

/** Seconds, a duration (`6m5s`) or an HTTP date. */
function readDelay(value: string, now: number): number | undefined {
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1_000;
  const duration = parseDuration(value);
  if (duration !== undefined) return duration;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function isNonRetryable(outcome: Outcome): boolean {
  return outcome.status === 489 && headerOf(outcome, "upstash-nonretryable-error")?.toLowerCase() === "true";
}

function headerOf(outcome: Outcome, name: string): string | undefined {
  const found = Object.entries(outcome.header).find(([key]) => key.toLowerCase() === name);
  return found?.[1][0];
}

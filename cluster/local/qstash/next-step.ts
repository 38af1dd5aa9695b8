/** The next step after an attempt. Source: https://upstash.com/docs/qstash/features/retry */
import type { Message, Outcome } from "./message.ts";

export type NextStep = { kind: "delivered" } | { kind: "failed" } | { kind: "retry"; delayMs: number };

const DAY_MS = 86_400_000;

/** Only 2xx is success; 489 with `Upstash-NonRetryable-Error: true` is never tried again. */
export function nextStep(message: Message, outcome: Outcome): NextStep {
  if (isDelivered(outcome)) return { kind: "delivered" };
  const isFinal = outcome.status === 489 && outcome.headers["upstash-nonretryable-error"] === "true";
  if (isFinal || message.retried >= message.retries) return { kind: "failed" };
  return { kind: "retry", delayMs: askedDelay(outcome) ?? ownDelay(message) };
}

export const isDelivered = ({ status }: Outcome): boolean => status >= 200 && status < 300;

/** `min(most, pow(base, retried) * factor)`, in milliseconds: the one expression that the product sends. */
export function parseRetryDelay(text: string): ((retried: number) => number) | undefined {
  const form = /^min\((\d+),pow\((\d+),retried\)\*(\d+)\)$/.exec(text.replaceAll(" ", ""));
  if (!form) return undefined;
  const [most = 0, base = 0, factor = 0] = form.slice(1).map(Number);
  return (retried) => Math.min(DAY_MS, most, base ** retried * factor);
}

function ownDelay({ retryDelay = "", retried }: Message): number {
  return parseRetryDelay(retryDelay)?.(retried) ?? defaultBackoff(retried + 1);
}

/** `n` counts retries from 1: 12 s, 2 m 28 s, 30 m 8 s, 6 h 7 m 6 s, then a day each. */
const defaultBackoff = (n: number): number => Math.min(DAY_MS, Math.floor(Math.exp(2.5 * n)) * 1_000);

/** The destination's Retry-After in seconds, as the edge sends it; one beyond a day is not honoured. */
function askedDelay({ headers }: Outcome): number | undefined {
  const seconds = headers["retry-after"];
  const delay = seconds !== undefined && /^\d+$/.test(seconds) ? Number(seconds) * 1_000 : undefined;
  return delay !== undefined && delay <= DAY_MS ? delay : undefined;
}

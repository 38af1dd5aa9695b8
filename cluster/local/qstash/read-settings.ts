/** `Upstash-*` request headers → the settings of a message. Source: QStash's OpenAPI description of publish. */
import { DAY, parseDuration } from "./duration.ts";
import { ExpressionError, parseExpression } from "./expression.ts";
import type { CallbackTarget, FlowControlValue, Settings } from "./message.ts";
import { qstashError } from "./qstash-error.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/** Limits of the pay-as-you-go plan. */
const MAX_RETRIES = 5;
const MAX_DELAY = 365 * DAY;
const MAX_TIMEOUT = 2 * 60 * 60_000;
const MAX_PERIOD_SECONDS = 7 * 24 * 60 * 60;

const DEFAULTS: Settings = {
  method: "POST",
  header: {},
  retries: 3,
  delayMs: 0,
  timeoutMs: MAX_TIMEOUT,
  labels: [],
  redact: [],
};

/** Settings as the headers tell; what they leave out is taken from `defaults` (a dead message that is retried). */
export function readSettings(headers: Headers, defaults: Settings = DEFAULTS): Settings {
  const settings = readPlain(headers, "upstash-", defaults);
  const contentType = headers.get("content-type");
  if (contentType) settings.header = { "Content-Type": [contentType], ...settings.header };
  return {
    ...settings,
    callback: readCallback(headers, "upstash-callback", settings) ?? defaults.callback,
    failureCallback: readCallback(headers, "upstash-failure-callback", settings) ?? defaults.failureCallback,
  };
}

/** A callback has settings of its own under its prefix; its retries are by default those of the message. */
function readCallback(headers: Headers, name: string, message: Settings): CallbackTarget | undefined {
  const url = headers.get(name);
  if (url === null) return undefined;
  if (!isHttpUrl(url)) throw qstashError(400, `invalid ${name} url: add http:// or https:// in front of it`);
  const defaults = { ...DEFAULTS, retries: message.retries, redact: message.redact };
  const settings = readPlain(headers, `${name}-`, defaults);
  return { url, settings: { ...settings, header: { "Content-Type": ["application/json"], ...settings.header } } };
}

function readPlain(headers: Headers, prefix: string, defaults: Settings): Settings {
  const get = (name: string) => headers.get(prefix + name)?.trim() || undefined;
  const delay = get("delay");
  const notBefore = get("not-before");
  const timeout = get("timeout");
  const retryDelay = get("retry-delay");
  return {
    ...defaults,
    method: readMethod(get("method")) ?? defaults.method,
    header: { ...defaults.header, ...readForwarded(headers, `${prefix}forward-`) },
    retries: readRetries(get("retries")) ?? defaults.retries,
    retryDelay: retryDelay === undefined ? defaults.retryDelay : checkExpression(retryDelay),
    delayMs: delay === undefined ? defaults.delayMs : readDuration("delay", delay, MAX_DELAY),
    notBefore: notBefore === undefined ? defaults.notBefore : readNotBefore(notBefore),
    timeoutMs: timeout === undefined ? defaults.timeoutMs : readTimeout(timeout),
    flowControl: readFlowControl(get("flow-control-key"), get("flow-control-value")) ?? defaults.flowControl,
    labels: splitList(get("label")) ?? defaults.labels,
    redact: splitList(get("redact-fields")) ?? defaults.redact,
  };
}

export const isHttpUrl = (text: string): boolean => /^https?:\/\//i.test(text) && URL.canParse(text);

function readForwarded(headers: Headers, prefix: string): Record<string, string[]> {
  const forwarded: Record<string, string[]> = {};
  for (const [name, value] of headers) {
    if (name.startsWith(prefix) && name.length > prefix.length)
      forwarded[canonical(name.slice(prefix.length))] = [value];
  }
  return forwarded;
}

/** `x-my-header` → `X-My-Header`: how QStash shows headers. */
export const canonical = (name: string): string =>
  name.toLowerCase().replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase());

function readMethod(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const method = value.toUpperCase();
  if (!METHODS.includes(method)) throw qstashError(400, `invalid method "${value}": use one of ${METHODS.join(", ")}`);
  return method;
}

function readRetries(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d+$/.test(value)) throw qstashError(400, `invalid retries "${value}": give a whole number`);
  if (Number(value) > MAX_RETRIES) throw qstashError(412, `quota maxRetries exceeded: at most ${MAX_RETRIES}`);
  return Number(value);
}

function checkExpression(text: string): string {
  try {
    parseExpression(text);
    return text;
  } catch (error) {
    if (error instanceof ExpressionError) throw qstashError(400, `invalid retry delay: ${error.message}`);
    throw error;
  }
}

function readDuration(what: string, value: string, limit: number): number {
  const duration = parseDuration(value);
  if (duration === undefined)
    throw qstashError(400, `invalid ${what} "${value}": give a number and a unit, such as 50s`);
  if (duration > limit) throw qstashError(412, `quota exceeded: ${what} is longer than the plan allows`);
  return duration;
}

/** It can only shorten what the plan allows. */
const readTimeout = (value: string): number => Math.min(MAX_TIMEOUT, readDuration("timeout", value, Infinity));

function readNotBefore(value: string): number {
  if (!/^\d+$/.test(value)) throw qstashError(400, `invalid not-before "${value}": give unix seconds`);
  return Number(value) * 1_000;
}

/** `parallelism=2, rate=10, period=1m`. */
function readFlowControl(key: string | undefined, value: string | undefined): FlowControlValue | undefined {
  if (key === undefined) return undefined;
  const parts = new Map((splitList(value) ?? []).map(readPair));
  const parallelism = readCount("parallelism", parts.get("parallelism"));
  const rate = readCount("rate", parts.get("rate"));
  if (parallelism === undefined && rate === undefined) {
    throw qstashError(400, "invalid flow control value: give parallelism, rate or both");
  }
  return { key, parallelism, rate, periodSeconds: readPeriod(parts.get("period")) };
}

function readPair(pair: string): [string, string] {
  const [name = "", value = ""] = pair.split("=");
  return [name.trim().toLowerCase(), value.trim()];
}

function readCount(what: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(value)) throw qstashError(400, `invalid flow control ${what} "${value}"`);
  return Number(value);
}

function readPeriod(value: string | undefined): number {
  if (value === undefined) return 1;
  const seconds = /^\d+$/.test(value) ? Number(value) : (parseDuration(value) ?? 0) / 1_000;
  if (seconds < 1 || seconds > MAX_PERIOD_SECONDS) {
    throw qstashError(400, `invalid flow control period "${value}": between 1s and 7d`);
  }
  return seconds;
}

export function splitList(value: string | undefined): string[] | undefined {
  return value
    ?.split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

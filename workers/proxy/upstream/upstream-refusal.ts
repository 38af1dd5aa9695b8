import type { ModelFailure } from "#schema/domain/reasons/model.ts";
import { ProxyError, type ProxyErrorKind } from "../proxy-error.ts";
import { isRecord } from "../read-body.ts";

/** Longer waits are of no use to the vendors' clients. */
const MAX_RETRY_AFTER_MS = 59_000;
const MAX_ERROR_BYTES = 64 * 1024;

/**
 * A provider's error in our words. What it says of our key, our money or our rate is between it and us: a client
 * that is told "your key is invalid" switches itself off. Only what is about the client's own request goes on.
 */
export async function refusalOf(response: Response): Promise<ProxyError> {
  const { status } = response;
  if (status === 400 || status === 413 || status === 422) {
    const kind: ProxyErrorKind = status === 413 ? "too_large" : "invalid_request";
    return new ProxyError(kind, (await messageIn(response)) ?? "The model provider does not take this request");
  }
  const words = status < 500 ? await boundedText(response).catch(() => "") : await response.body?.cancel();
  const failure = modelFailure(status, words ?? "");
  const seen = { upstreamStatus: status, failure };
  if (status === 408 || status === 504) {
    return new ProxyError("upstream_timeout", "The model provider did not answer in time", seen);
  }
  if (failure === "model_busy") {
    const retryAfterMs = retryAfter(response.headers);
    return new ProxyError("upstream_busy", "The model is busy just now. Try again shortly.", { ...seen, retryAfterMs });
  }
  const kind: ProxyErrorKind = failure === "model_unavailable" ? "upstream_failed" : "upstream_refused";
  return new ProxyError(kind, "The model provider failed to answer. We are looking into it.", seen);
}

/**
 * What providers say of an account without money or quota, some with 403 or 429: Moonshot's and OpenAI's types, and
 * words. A rate ("requests per minute") is none of them.
 */
const NO_MONEY =
  /exceeded_current_quota|insufficient_(quota|balance|funds)|billing|(insufficient|low|no|negative) (account )?(balance|credit|funds)|credit balance|out of credits|recharge|top.?up|in arrears|payment required/i;

/** Pure: what a provider's status, and below 500 its words, say of why it gives no answer. */
export function modelFailure(status: number, words: string): ModelFailure {
  if (status === 402) return "model_account_empty";
  if ((status === 401 || status === 403 || status === 429) && NO_MONEY.test(words)) return "model_account_empty";
  if (status === 401 || status === 403) return "model_key_refused";
  if (status === 429 || status === 503 || status === 529) return "model_busy";
  return status >= 500 || status === 408 ? "model_unavailable" : "model_not_served";
}

function retryAfter(headers: Headers): number | undefined {
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1_000, MAX_RETRY_AFTER_MS) : undefined;
}

async function messageIn(response: Response): Promise<string | undefined> {
  try {
    const text = await boundedText(response);
    const json: unknown = JSON.parse(text);
    const message = isRecord(json) && isRecord(json.error) ? json.error.message : undefined;
    return typeof message === "string" ? withoutOurs(message) : undefined;
  } catch {
    return undefined;
  }
}

async function boundedText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  if (!response.body) return text;
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_ERROR_BYTES) break;
  }
  return text;
}

/** Keys and organisation ids look like this at every provider. */
const withoutOurs = (message: string): string =>
  message.replace(/\b(sk|org|ak|proj|key)-[\w-]{6,}/gi, "[removed]").slice(0, 1_000);

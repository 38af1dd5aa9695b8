import type { Refusal } from "../contracts/meter.ts";
import { badToken } from "./authenticate.ts";
import { requestLimits, tokenLimits } from "./limit-headers.ts";
import { ProxyError } from "./proxy-error.ts";

export interface RefusalPlace {
  /** Where to get more tokens. */
  upgradeLink: string;
  now: number;
}

/** A meter's refusal as the error that the client gets. */
export function refusalError(refusal: Refusal, place: RefusalPlace): ProxyError {
  const { reason, retryAfterMs } = refusal;
  switch (reason) {
    case "unknown_token":
    case "revoked":
      return badToken();
    case "suspended":
      return new ProxyError("suspended", `This agent is suspended. Look at your plan: ${place.upgradeLink}`);
    case "rate_limited":
      return new ProxyError("rate_limited", "Too many requests: 10 a second, 20 at once.", {
        retryAfterMs,
        headers: requestLimits(0, retryAfterMs ?? 0),
      });
    case "too_many_streams":
      return new ProxyError("rate_limited", "Too many requests are under way: wait for one to end.", { retryAfterMs });
    case "busy":
      return new ProxyError("rate_limited", "Your tokens are almost used up: wait for what is under way to end.", {
        retryAfterMs,
      });
    case "quota_exceeded":
      return quotaError(refusal, place);
    case "unavailable":
      return new ProxyError("unavailable", "The service can't check your plan just now. Try again shortly.", {
        retryAfterMs: 5_000,
      });
    default:
      return reason satisfies never;
  }
}

function quotaError({ quota }: Refusal, { upgradeLink, now }: RefusalPlace): ProxyError {
  const resetsAt = quota?.resetsAt ?? now;
  const day = new Date(resetsAt).toISOString().slice(0, 10);
  const message = `You have used up your ${quota?.limit ?? 0} tokens. They are renewed on ${day}. Upgrade: ${upgradeLink}`;
  const retryAfterMs = Math.max(0, resetsAt - now);
  return new ProxyError("quota_exceeded", message, {
    retryAfterMs,
    headers: tokenLimits(quota?.limit ?? 0, 0, retryAfterMs),
  });
}

import type { MeterSnapshot, MeterToken, Refusal } from "../../contracts/meter.ts";

/** Open requests that one token may have. */
export const MAX_OPEN_REQUESTS = 8;

/** The token that the hash names, if it may be used now. */
export function admitToken(snapshot: MeterSnapshot, hash: string, now: number): MeterToken | Refusal {
  const token = snapshot.tokens.find((one) => one.hash === hash);
  if (!token) return { ok: false, reason: "unknown_token" };
  if (isOver(token, now)) return { ok: false, reason: "revoked" };
  if (token.suspended) return { ok: false, reason: "suspended" };
  return token;
}

function isOver(token: MeterToken, now: number): boolean {
  return token.status === "revoked" || (token.expiresAt !== null && token.expiresAt <= now);
}

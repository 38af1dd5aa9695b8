import { readToken, type TokenKeys } from "#schema/domain/proxy-token.ts";
import type { Caller } from "../contracts/meter.ts";
import { ProxyError } from "./proxy-error.ts";

/** One sentence for every token that is not good: which of the reasons it was helps only a guesser. */
export const badToken = (): ProxyError =>
  new ProxyError("invalid_api_key", "The API key is not valid. Use your openclaw-cloud token (ocp_…).");

/** Genuine tokens that an isolate has read already: who comes often is not hashed each time. */
const MOST_KNOWN = 2_000;
const knownBy = new WeakMap<TokenKeys, Map<string, Caller>>();

/**
 * Who the token names, by `Authorization: Bearer` or `x-api-key`. Costs two hashes at most and no I/O, so that guesses
 * wake no object and reach no database. Says nothing of whether the token is still good: that is the meter's word
 * on each request. Throws `invalid_api_key`.
 */
export async function authenticate(headers: Headers, keys: TokenKeys): Promise<Caller> {
  const bearer = /^Bearer (\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  const token = bearer ?? headers.get("x-api-key");
  const caller = token ? await callerOf(token, keys) : undefined;
  if (!caller) throw badToken();
  return caller;
}

/** Only what is genuine is kept, so that a flood of guesses pushes nobody out. */
async function callerOf(token: string, keys: TokenKeys): Promise<Caller | undefined> {
  const known = knownBy.get(keys) ?? new Map<string, Caller>();
  knownBy.set(keys, known);
  const seen = known.get(token);
  if (seen) return seen;
  const caller = await readToken(keys, token);
  if (!caller) return undefined;
  const [oldest] = known.keys();
  if (known.size >= MOST_KNOWN && oldest !== undefined) known.delete(oldest);
  known.set(token, caller);
  return caller;
}

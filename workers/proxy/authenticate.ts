import { readToken, type TokenKeys } from "#schema/domain/proxy-token.ts";
import type { Caller } from "../objects/token-meter/calls.ts";
import { ProxyError } from "./proxy-error.ts";

/** One sentence for every token that is not good: which of the reasons it was helps only a guesser. */
export const badToken = (): ProxyError =>
  new ProxyError("invalid_api_key", "The API key is not valid. Use your openclaw-cloud token (ocp_…).");

/**
 * Who the token names, by `Authorization: Bearer` or `x-api-key`. Costs two hashes and no I/O, so that guesses
 * wake no object and reach no database. Throws `invalid_api_key`.
 */
export async function authenticate(headers: Headers, keys: TokenKeys): Promise<Caller> {
  const bearer = /^Bearer (\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  const token = bearer ?? headers.get("x-api-key");
  const caller = token ? await readToken(keys, token) : undefined;
  if (!caller) throw badToken();
  return caller;
}

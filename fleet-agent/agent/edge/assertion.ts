import { importJWK, SignJWT } from "jose";
import type { AgentKey } from "../../config/config.ts";

/** Authenticates this agent to the edge. Every call makes a new assertion, because the edge accepts each only once. */
export interface Signer {
  (): Promise<string>;
  /** The edge's time by its `Date` header; the edge's clock decides what is expired. */
  learnTime(date: string | null | undefined): boolean;
}

const LIFETIME_S = 60;
/** The header has whole seconds, and the answer took time: smaller differences mean nothing. */
const SKEW_THAT_MATTERS_S = 5;

export function createSigner(options: { key: AgentKey; clusterId: string; edgeUrl: string }): Signer {
  const key = importJWK(options.key, "EdDSA");
  let skewS = 0;

  const sign = async () => {
    const now = Math.floor(Date.now() / 1_000) + skewS;
    return new SignJWT()
      .setProtectedHeader({ alg: "EdDSA", typ: "JWT", kid: options.key.kid })
      .setIssuer(options.clusterId)
      .setAudience(options.edgeUrl)
      .setJti(crypto.randomUUID())
      .setIssuedAt(now)
      .setExpirationTime(now + LIFETIME_S)
      .sign(await key);
  };

  /** True if the clocks differed enough that a refused assertion is worth a retry. */
  const learnTime = (date: string | null | undefined) => {
    const theirs = Date.parse(date ?? "");
    if (Number.isNaN(theirs)) return false;
    const seen = Math.round((theirs - Date.now()) / 1_000);
    if (Math.abs(seen - skewS) < SKEW_THAT_MATTERS_S) return false;
    skewS = seen;
    return true;
  };

  return Object.assign(sign, { learnTime });
}

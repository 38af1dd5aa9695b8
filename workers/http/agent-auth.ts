/** Who a fleet-agent is: an EdDSA assertion by a key of its cluster, for this edge, a minute old at most, used once. */
import { decodeJwt, decodeProtectedHeader, importJWK, type JWTPayload, jwtVerify } from "jose";
import { AppError } from "#schema/domain/errors.ts";
import type { Ctx } from "../context.ts";
import { agentKeys } from "../services/fleet/agent-keys.ts";

const MAX_AGE_S = 60;
const TOLERANCE_S = 10;

/** The cluster that the assertion speaks for, and its key. Throws `unauthorized`, the same for every flaw. */
export async function verifyAgent(ctx: Ctx, token: string | undefined): Promise<{ clusterId: string; kid: string }> {
  const verified = token === undefined ? undefined : await verifyAssertion(ctx, token).catch(onlyOwn);
  if (!verified) throw refused();
  const { iss, jti, exp = 0 } = verified.claims;
  if (!iss || !jti) throw refused();
  const firstUse = await ctx.mailbox(iss).admit(jti, (exp + 2 * TOLERANCE_S) * 1_000);
  if (!firstUse) throw refused();
  return { clusterId: iss, kid: verified.kid };
}

async function verifyAssertion(ctx: Ctx, token: string): Promise<{ claims: JWTPayload; kid: string } | undefined> {
  const { iss } = decodeJwt(token);
  const { kid } = decodeProtectedHeader(token);
  if (iss === undefined || !/^[a-z0-9-]{1,32}$/.test(iss)) return undefined;
  const keys = await agentKeys(ctx, iss);
  const key = keys.find((candidate) => candidate.kid === kid);
  if (!key) return undefined;
  const { payload } = await jwtVerify(token, await importJWK(key, "EdDSA"), {
    algorithms: ["EdDSA"],
    issuer: iss,
    audience: ctx.config.PUBLIC_URL,
    requiredClaims: ["exp", "iat", "jti"],
    maxTokenAge: MAX_AGE_S,
    clockTolerance: TOLERANCE_S,
    currentDate: ctx.now(),
  });
  return isShort(payload) ? { claims: payload, kid: key.kid } : undefined;
}

/** It may not claim a longer life than it can have, nor fill the store with its id. */
const isShort = ({ exp = 0, iat = 0, jti = "" }: JWTPayload): boolean =>
  exp - iat <= MAX_AGE_S && typeof jti === "string" && jti.length <= 64;

/** What jose refuses is a bad assertion; anything else is a failure of ours. */
function onlyOwn(error: unknown): undefined {
  if (error instanceof Error && "code" in error && String(error.code).startsWith("ERR_")) return undefined;
  throw error;
}

const refused = (): AppError => new AppError("unauthorized", "The agent's assertion is not valid");

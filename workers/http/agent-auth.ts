/** Authenticates a fleet-agent by an EdDSA assertion: by a key of its cluster, for this edge, at most a minute old, used once. */
import { decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from "jose";
import * as z from "zod";
import { clusterId } from "#schema/contracts/parts.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { Ctx } from "../context.ts";
import { agentKeys } from "../services/fleet/agent-keys.ts";

const MAX_AGE_S = 60;
const TOLERANCE_S = 10;

/** What is read before the signature is checked: only to find the key. */
const Signer = z.object({
  iss: clusterId,
  kid: z.string().max(128),
});
/** Its lifetime and the length of its id are limited. */
const Claims = z
  .object({ iat: z.number(), exp: z.number(), jti: z.string().min(1).max(64) })
  .refine(({ iat, exp }) => exp - iat <= MAX_AGE_S);

/** The assertion's cluster and key. Throws the same `unauthorized` for every flaw. */
export async function verifyAgent(ctx: Ctx, token: string | undefined): Promise<{ clusterId: string; kid: string }> {
  const signer = token === undefined ? undefined : signerOf(token);
  if (token === undefined || !signer) throw refused();
  const { iss: cluster, kid } = signer;
  const key = (await agentKeys(ctx, cluster)).find((candidate) => candidate.kid === kid);
  const claims = key && (await claimsOf(ctx, token, cluster, await importJWK(key, "EdDSA")));
  if (!claims) throw refused();
  const firstUse = await ctx.mailbox(cluster).admit(claims.jti, (claims.exp + 2 * TOLERANCE_S) * 1_000);
  if (!firstUse) throw refused();
  return { clusterId: cluster, kid };
}

/** Undefined for anything that is not an agent's assertion. */
function signerOf(token: string): z.infer<typeof Signer> | undefined {
  try {
    const { iss } = decodeJwt(token);
    return Signer.safeParse({ iss, kid: decodeProtectedHeader(token).kid }).data;
  } catch {
    return undefined;
  }
}

/** Undefined if the token is not signed by this key, for this edge, now. */
async function claimsOf(ctx: Ctx, token: string, issuer: string, key: Awaited<ReturnType<typeof importJWK>>) {
  const verified = await jwtVerify(token, key, {
    algorithms: ["EdDSA"],
    issuer,
    audience: ctx.config.PUBLIC_URL,
    requiredClaims: ["exp", "iat", "jti"],
    maxTokenAge: MAX_AGE_S,
    clockTolerance: TOLERANCE_S,
    currentDate: ctx.now(),
  }).catch(() => undefined);
  return Claims.safeParse(verified?.payload).data;
}

const refused = (): AppError => new AppError("unauthorized", "The agent's assertion is not valid");

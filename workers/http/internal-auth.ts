import { AppError } from "#schema/domain/errors.ts";
import type { InternalKey } from "../config.ts";
import type { Ctx } from "../context.ts";

/** Whose key this is. Throws `unauthorized` for none and for an unknown one. */
export async function verifyOperator(ctx: Ctx, key: string | undefined): Promise<Pick<InternalKey, "name" | "scopes">> {
  const known = key === undefined ? undefined : await findKey(ctx.config.INTERNAL_KEYS, key);
  if (!known) throw new AppError("unauthorized", "Send an operator's key as Authorization: Bearer <key>");
  return { name: known.name, scopes: known.scopes };
}

export const bearerOf = (header: string | undefined): string | undefined =>
  /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(header ?? "")?.[1];

/** Compares the digests of all keys in constant time, also after a hit. */
export async function findKey(keys: readonly InternalKey[], key: string): Promise<InternalKey | undefined> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key)));
  let found: InternalKey | undefined;
  for (const candidate of keys) if (sameDigest(digest, candidate.sha256)) found = candidate;
  return found;
}

function sameDigest(digest: Uint8Array, hex: string): boolean {
  let difference = 0;
  for (const [i, byte] of digest.entries()) difference |= byte ^ Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return difference === 0;
}

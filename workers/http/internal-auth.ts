import { isEqual, sha256Hex, utf8 } from "#schema/domain/bytes.ts";
import { AppError } from "#schema/domain/errors.ts";
import type { InternalKey } from "../config.ts";
import type { Ctx } from "../context.ts";

/** The key's owner. Throws `unauthorized` for a missing or unknown key. */
export async function verifyOperator(ctx: Ctx, key: string | undefined): Promise<Pick<InternalKey, "name" | "scopes">> {
  const known = key === undefined ? undefined : await findKey(ctx.config.INTERNAL_KEYS, key);
  if (!known) throw new AppError("unauthorized", "Send an operator's key as Authorization: Bearer <key>");
  return { name: known.name, scopes: known.scopes };
}

export const bearerOf = (header: string | undefined): string | undefined =>
  /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(header ?? "")?.[1];

/** Compares the digests of all keys in constant time, also after a hit. */
export async function findKey(keys: readonly InternalKey[], key: string): Promise<InternalKey | undefined> {
  const digest = utf8(await sha256Hex(key));
  let found: InternalKey | undefined;
  for (const candidate of keys) if (isEqual(digest, utf8(candidate.sha256))) found = candidate;
  return found;
}

/** SQL fragments of a rotation, for a box's token and for a customer's own. */
import { type SQL, sql } from "drizzle-orm";
import type { MintedToken } from "#schema/domain/proxy-token.ts";
import { moment } from "../sql.ts";

export interface Rotation {
  tokenId: string;
  /** How long the old token keeps working. */
  overlapSeconds: number;
}

/** Assignments to an active token's row (`t`): it works for the overlap, but never beyond its own expiry. */
export function retire(now: Date, overlapSeconds: number): SQL {
  if (overlapSeconds === 0) return sql`status = 'revoked', revoked_at = ${moment(now)}`;
  const until = moment(new Date(now.getTime() + overlapSeconds * 1_000));
  return sql`status = 'retiring', expires_at = least(t.expires_at, ${until})`;
}

/**
 * Inserts the successor's row. `from` holds the old row, which the same statement has retired before: only then does
 * the index of one active token a box accept the new one.
 */
export function insertSuccessor(
  made: Omit<MintedToken, "token"> & { id: string },
  { now, from, expiresAt }: { now: Date; from: SQL; expiresAt: SQL },
): SQL {
  return sql`insert into proxy_tokens
      (id, customer_id, box_id, label, token_hash, last4, scopes, when_spent, created_at, expires_at)
    select ${made.id}::uuid, old.customer_id, old.box_id, old.label, ${made.hash}, ${made.last4}, old.scopes, old.when_spent,
      ${moment(now)}, ${expiresAt} from ${from}`;
}

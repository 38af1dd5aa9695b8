import { type SQL, sql } from "drizzle-orm";
import type { IdentityKind } from "#schema/domain/states.ts";

/** The id of the customer with this identity, as a subquery; null if there is none. */
export const customerBy = (kind: IdentityKind, subject: string): SQL =>
  sql`(select customer_id from identities where kind = ${kind}::identity_kind and subject = ${subject.toLowerCase()})`;

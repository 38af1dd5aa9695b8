import { sql } from "drizzle-orm";
import { boolean, check, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import type { ClusterComparison } from "#schema/contracts/clusters.ts";
import { at, createdAt } from "./columns.ts";
import { gatewayImages } from "./images.ts";

/** An agent's public key as a JWK (Ed25519), with the id it signs under. */
export interface AgentKey {
  kid: string;
  kty: "OKP";
  crv: "Ed25519";
  x: string;
}

export const clusters = pgTable(
  "clusters",
  {
    /** Short and readable: `hel1`, `local`. */
    id: text("id").primaryKey(),
    /** Two keys at most are live, so that one can be rotated without a gap. An empty list revokes the agent. */
    agentKeys: jsonb("agent_keys").$type<AgentKey[]>().notNull(),
    /** New boxes go to a cluster that accepts them. */
    acceptsNewBoxes: boolean("accepts_new_boxes").notNull().default(true),
    /** The image of new boxes; empty: the agent's own setting. A rollout changes it. */
    imageId: uuid("image_id").references(() => gatewayImages.id),
    lastSeenAt: at("last_seen_at"),
    /** When the last full comparison ended, and its result. */
    comparedAt: at("compared_at"),
    comparison: jsonb("comparison").$type<ClusterComparison["found"]>(),
    /** When an operator requested a comparison. */
    compareAskedAt: at("compare_asked_at"),
    /** Deletions that are held back until an operator confirms them. */
    brake: jsonb("brake").$type<ClusterComparison["brake"]>(),
    createdAt: createdAt(),
  },
  (t) => [check("clusters_id_form", sql`${t.id} ~ '^[a-z0-9-]{1,32}$'`)],
);

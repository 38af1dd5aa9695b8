import { sql } from "drizzle-orm";
import { boolean, check, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { at, createdAt } from "./columns.ts";
import { gatewayImages } from "./images.ts";

/** An agent's public key as a JWK (Ed25519), with the id it signs under. */
export interface AgentKey {
  kid: string;
  kty: "OKP";
  crv: "Ed25519";
  x: string;
}

/** What a full comparison of a cluster found, in boxes. */
export interface ComparisonFigures {
  /** That should be there. */
  boxes: number;
  missing: number;
  /** Changed by somebody. */
  differing: number;
  /** Written by another version of the agent, or under other settings. */
  outdated: number;
  /** There, and not in the list. */
  strays: number;
  /** Strays that no row knows. */
  unknown: number;
  seconds: number;
}

/** Boxes in a cluster that are recorded as destroyed, and too many to be removed without being asked. */
export interface DeletionBrake {
  /** ISO 8601. */
  since: string;
  boxes: string[];
  /** Boxes that were in the cluster. */
  of: number;
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
    /** What its boxes run, and new ones get; empty where that is the agent's own setting. A rollout changes it. */
    imageId: uuid("image_id").references(() => gatewayImages.id),
    lastSeenAt: at("last_seen_at"),
    /** When everything in the cluster was last compared with what should be there, and what was found. */
    comparedAt: at("compared_at"),
    comparison: jsonb("comparison").$type<ComparisonFigures>(),
    /** An operator wants a comparison now. */
    compareAskedAt: at("compare_asked_at"),
    /** Deletions that are held back until an operator confirms them. */
    brake: jsonb("brake").$type<DeletionBrake>(),
    createdAt: createdAt(),
  },
  (t) => [check("clusters_id_form", sql`${t.id} ~ '^[a-z0-9-]{1,32}$'`)],
);

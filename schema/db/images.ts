import { sql } from "drizzle-orm";
import { check, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { createdAt, id } from "./columns.ts";

/** The gateway images that boxes may run. A row never changes (a trigger). */
export const gatewayImages = pgTable(
  "gateway_images",
  {
    id: id(),
    /** By digest, so that it never changes. By tag only under `localhost/`: loaded into the nodes by hand. */
    reference: text("reference").notNull(),
    /** Its OpenClaw version. The supervisor copies the state before a newer one starts. */
    openclawVersion: text("openclaw_version").notNull(),
    /** What operators should know about boxes' state before moving to this image, or back from it. */
    stateNote: text("state_note"),
    notes: text("notes"),
    createdBy: text("created_by").notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("gateway_images_reference_key").on(t.reference),
    check("gateway_images_fixed", sql`${t.reference} ~ '@sha256:[0-9a-f]{64}$' or ${t.reference} like 'localhost/%'`),
    check("gateway_images_version", sql`${t.openclawVersion} ~ '^[0-9]+([.][0-9]+)*([.-][0-9A-Za-z]+)*$'`),
  ],
);

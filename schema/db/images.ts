import { sql } from "drizzle-orm";
import { check, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { createdAt, id } from "./columns.ts";

/** The gateway images that boxes may run. A row never changes (a trigger): what a reference means is fixed. */
export const gatewayImages = pgTable(
  "gateway_images",
  {
    id: id(),
    /** By digest, so that it means the same for ever. By tag only under `localhost/`: loaded into the nodes by hand. */
    reference: text("reference").notNull(),
    /** The OpenClaw in it. The gateway's state is kept aside before a newer one touches it. */
    openclawVersion: text("openclaw_version").notNull(),
    /** What a person should know of the state on boxes' volumes before they move to this image, or back from it. */
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

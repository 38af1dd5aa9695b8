import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { boxes } from "./boxes.ts";
import { clusters } from "./clusters.ts";
import { at, createdAt, id, updatedAt } from "./columns.ts";
import { rolloutStatus } from "./enums.ts";
import { gatewayImages } from "./images.ts";

/** A cluster's move from one gateway image to another, in waves. */
export const rollouts = pgTable(
  "rollouts",
  {
    id: id(),
    clusterId: text("cluster_id")
      .notNull()
      .references(() => clusters.id),
    /** The cluster's image before; empty: the agent's own setting. */
    fromImageId: uuid("from_image_id").references(() => gatewayImages.id),
    toImageId: uuid("to_image_id")
      .notNull()
      .references(() => gatewayImages.id),
    status: rolloutStatus("status").notNull().default("running"),
    /** Percent of the running boxes that are on the new image after each wave: the canary first, 100 last. */
    shares: integer("shares").array().notNull(),
    /** Index into `shares`. */
    wave: integer("wave").notNull().default(0),
    /** When the last box of the wave was done and its soak began. */
    waveDoneAt: at("wave_done_at"),
    soakSeconds: integer("soak_seconds").notNull(),
    /** Boxes that are being moved at the same time. */
    maxConcurrent: integer("max_concurrent").notNull(),
    /** More failed moves than this stop the rollout. */
    maxFailed: integer("max_failed").notNull(),
    /** The rollout stops if unhealthy boxes exceed their share before, and among the others, by more percentage points than this. */
    maxUnhealthyPercent: integer("max_unhealthy_percent").notNull(),
    /** Running boxes when it began, and how many of them were unhealthy. */
    boxesBefore: integer("boxes_before").notNull(),
    unwellBefore: integer("unwell_before").notNull(),
    notes: text("notes"),
    /** Why it was stopped, as text. */
    reason: text("reason"),
    /** Who stopped it; `system`: automatically. */
    stoppedBy: text("stopped_by"),
    createdBy: text("created_by").notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    finishedAt: at("finished_at"),
  },
  (t) => [
    uniqueIndex("rollouts_one_active_per_cluster")
      .on(t.clusterId)
      .where(sql`${t.status} in ('running', 'paused', 'finishing', 'rolling_back')`),
    index("rollouts_created_at_idx").on(t.createdAt),
    check("rollouts_images", sql`${t.fromImageId} is distinct from ${t.toImageId}`),
    check(
      "rollouts_shares",
      sql`cardinality(${t.shares}) between 1 and 10 and ${t.shares}[cardinality(${t.shares})] = 100
        and 1 <= all(${t.shares}) and 100 >= all(${t.shares})`,
    ),
    check("rollouts_wave", sql`${t.wave} >= 0 and ${t.wave} < cardinality(${t.shares})`),
    check(
      "rollouts_limits",
      sql`${t.soakSeconds} between 0 and 604800 and ${t.maxConcurrent} between 1 and 200
        and ${t.maxFailed} >= 0 and ${t.maxUnhealthyPercent} between 0 and 100`,
    ),
    check("rollouts_before", sql`${t.unwellBefore} between 0 and ${t.boxesBefore}`),
    check("rollouts_reason", sql`${t.status} not in ('rolling_back', 'rolled_back') or ${t.reason} is not null`),
    check("rollouts_finished", sql`(${t.status} in ('succeeded', 'rolled_back')) = (${t.finishedAt} is not null)`),
  ],
);

/** A box that a rollout has moved. */
export const rolloutBoxes = pgTable(
  "rollout_boxes",
  {
    rolloutId: uuid("rollout_id")
      .notNull()
      .references(() => rollouts.id),
    boxId: uuid("box_id")
      .notNull()
      .references(() => boxes.id),
    wave: integer("wave").notNull(),
    /** Its previous image. */
    fromImageId: uuid("from_image_id").references(() => gatewayImages.id),
    /** It ran and was not unhealthy before: only then can the new image have made it worse. */
    wasWell: boolean("was_well").notNull(),
    /** The generation of the box that asks for the new image. */
    generation: bigint("generation", { mode: "number" }).notNull(),
    movedAt: at("moved_at").notNull(),
    /** The generation that asks for the previous image. */
    restoredGeneration: bigint("restored_generation", { mode: "number" }),
    restoredAt: at("restored_at"),
  },
  (t) => [
    primaryKey({ columns: [t.rolloutId, t.boxId] }),
    check("rollout_boxes_restored", sql`(${t.restoredGeneration} is null) = (${t.restoredAt} is null)`),
  ],
);

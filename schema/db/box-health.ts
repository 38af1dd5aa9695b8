import { sql } from "drizzle-orm";
import { index, integer, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { boxes } from "./boxes.ts";
import { at } from "./columns.ts";
import { healthState } from "./enums.ts";

/** A box's health as last reported, and what was done about it. A trigger gives each box its row. */
export const boxHealth = pgTable(
  "box_health",
  {
    boxId: uuid("box_id")
      .primaryKey()
      .references(() => boxes.id),
    state: healthState("state").notNull().default("unknown"),
    unhealthySince: at("unhealthy_since"),
    /** Why it is unhealthy, a code of the catalogue of reasons; `reason` is the text. */
    code: text("code"),
    reason: text("reason"),
    lastSeenAt: at("last_seen_at"),
    /** How often the kubelet has restarted its pod's container. */
    containerRestarts: integer("container_restarts").notNull().default(0),
    /** Automatic restarts in the current series, and when the last one was. */
    autoRestarts: integer("auto_restarts").notNull().default(0),
    autoRestartedAt: at("auto_restarted_at"),
    /** When its customer was told that the agent is live: once a box. */
    readyToldAt: at("ready_told_at"),
    /** Letters to its customer that failed in a row, and when the next try is due. */
    letterFailures: integer("letter_failures").notNull().default(0),
    letterDueAt: at("letter_due_at"),
    /** When its customer was mailed that it doesn't work. */
    toldAt: at("told_at"),
    /** Repairs of drift in the current series, and when the last one was. */
    driftRepairs: integer("drift_repairs").notNull().default(0),
    driftRepairedAt: at("drift_repaired_at"),
  },
  (t) => [
    // What each minute's sweep looks for.
    index("box_health_unhealthy_idx").on(t.boxId).where(sql`${t.state} = 'unhealthy'`),
    index("box_health_ready_idx").on(t.boxId).where(sql`${t.readyToldAt} is null`),
    index("box_health_told_idx").on(t.boxId).where(sql`${t.toldAt} is not null`),
  ],
);

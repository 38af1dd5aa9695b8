import { boolean, pgTable, uuid } from "drizzle-orm/pg-core";
import { boxes } from "./boxes.ts";

/** A box's data for rollouts and the warm pool, except its image. A trigger gives each box its row. */
export const boxRollouts = pgTable("box_rollouts", {
  boxId: uuid("box_id")
    .primaryKey()
    .references(() => boxes.id),
  /** Moved to a new image first: the operators' own. */
  first: boolean("first").notNull().default(false),
  /** The agent would build its pod differently today: another image, other resources. */
  outdated: boolean("outdated").notNull().default(false),
});

import { boolean, pgTable, uuid } from "drizzle-orm/pg-core";
import { boxes } from "./boxes.ts";

/** What rollouts and the warm pool know of a box beside its image. Each box has its row from its first moment on (a trigger). */
export const boxRollouts = pgTable("box_rollouts", {
  boxId: uuid("box_id")
    .primaryKey()
    .references(() => boxes.id),
  /** Moved to a new image before others: the operators' own. */
  first: boolean("first").notNull().default(false),
  /** The fleet would make its pod differently today: another image, other resources. */
  outdated: boolean("outdated").notNull().default(false),
});

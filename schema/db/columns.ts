import { timestamp, uuid } from "drizzle-orm/pg-core";
import { newId } from "#schema/domain/ids.ts";

/** The columns that most tables share. */
export const id = () => uuid("id").primaryKey().$defaultFn(newId);
export const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });
export const createdAt = () => at("created_at").notNull().defaultNow();
export const updatedAt = () => at("updated_at").notNull().defaultNow();

import type { boxes } from "#schema/db/schema.ts";

export type BoxRow = typeof boxes.$inferSelect;
export type BoxState = Pick<BoxRow, "status" | "desiredStatus">;
type OwnersColumn =
  | "customerId"
  | "subscriptionId"
  | "telegramBotId"
  | "telegramBotUsername"
  | "telegramBotTokenSealed";

/** A customer's box. The database ensures that a row has all of these columns or none. */
export type OwnedBox = BoxRow & { [column in OwnersColumn]: NonNullable<BoxRow[column]> };

/** False for a box of the warm pool, which has no owner yet. */
export const isOwned = (box: BoxRow): box is OwnedBox => box.customerId !== null;

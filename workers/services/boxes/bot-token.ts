import type { Place } from "../../integrations/vault.ts";

/** The row that a box's bot token is sealed to. */
export const placeOfBotToken = (box: { id: string; customerId: string }): Place => ({
  table: "boxes",
  column: "telegram_bot_token_sealed",
  rowId: box.id,
  customerId: box.customerId,
});

/** Replaces the bot token of a destroyed box. */
export const WIPED = "v1.wiped";

import type { Place } from "../../integrations/vault.ts";

/** Where a box's bot token is sealed to. */
export const placeOfBotToken = (box: { id: string; customerId: string }): Place => ({
  table: "boxes",
  column: "telegram_bot_token_sealed",
  rowId: box.id,
  customerId: box.customerId,
});

/** What takes the place of a bot token once its box is destroyed. */
export const WIPED = "v1.wiped";

/** A backup's own key: made here, stored sealed, and sent to the pod, which seals the parts with it. */
import type { Ctx } from "../../context.ts";
import type { Place } from "../../integrations/vault.ts";

interface Owner {
  id: string;
  customerId: string;
}

const placeOf = ({ id, customerId }: Owner): Place => ({
  table: "backups",
  column: "data_key_sealed",
  rowId: id,
  customerId,
});

/** 32 random bytes, sealed. */
export const newDataKey = (ctx: Ctx, backup: Owner): Promise<string> =>
  ctx.vault.seal(placeOf(backup), btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32)))));

/** In base64. Throws VaultError. */
export const openDataKey = (ctx: Ctx, backup: Owner, sealed: string): Promise<string> =>
  ctx.vault.open(placeOf(backup), sealed);

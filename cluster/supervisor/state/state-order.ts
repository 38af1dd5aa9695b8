/**
 * Reads order.json. The contract is `StateOrder` in schema/contracts; in the image there is neither that folder nor zod,
 * so the fields are checked here by hand, and a test holds the two together.
 */
import type { StateOrder } from "#schema/contracts/state-transfer.ts";
import { type Fields, filled, flag, positive, web, whole, wrongFields } from "../checks.ts";

export type { StateOrder };

export const ORDER_FILE = "order.json";

const FIELDS: Fields = {
  kind: (value) => value === "backup" || value === "restore",
  order_id: filled,
  fence: whole,
  backup_id: filled,
  url: web,
  token: filled,
  key: (value) => typeof value === "string" && Buffer.from(value, "base64").length === 32,
  timeout_seconds: positive,
  required: flag,
};

const MANIFEST: Fields = {
  format: (value) => value === 1,
  openclaw: filled,
  plain_bytes: whole,
  parts: (value) =>
    Array.isArray(value) && value.length > 0 && value.every((part) => wrongFields(part, PART, "").length === 0),
};

const PART: Fields = { bytes: positive, sha256: (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value) };

export type ReadOrder = { ok: true; order: StateOrder } | { ok: false; problem: string };

/** A problem names the field, never what was found: it may be the key. */
export function parseStateOrder(json: string): ReadOrder {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { ok: false, problem: "order.json is not JSON" };
  }
  const order = value as StateOrder;
  const wrong = wrongFields(value, FIELDS, "");
  if (wrong.length === 0 && order.kind === "restore") wrong.push(...wrongFields(order.manifest, MANIFEST, "manifest."));
  if (wrong.length > 0) return { ok: false, problem: `order.json: missing or wrong: ${wrong.join(", ")}` };
  return { ok: true, order };
}

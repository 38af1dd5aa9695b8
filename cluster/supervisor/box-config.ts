/**
 * Reads box.json. The contract is `BoxConfig` in schema/contracts; in the image there is neither that folder nor zod,
 * so the fields are checked here by hand, and a test holds the two together.
 */
import type { BoxConfig } from "#schema/contracts/box-config.ts";
import {
  type Check,
  type Fields,
  filled,
  flag,
  positive,
  text,
  textOrNull,
  web,
  whole,
  wrongFields,
} from "./checks.ts";

export type { BoxConfig };

export type ReadResult = { ok: true; box: BoxConfig } | { ok: false; problem: string };

const userIds: Check = (value) => Array.isArray(value) && value.every(filled);

const FIELDS: Fields = {
  box_id: filled,
  generation: whole,
  language: filled,
  thinking_level: filled,
  system_prompt: textOrNull,
  model: { id: filled, name: filled, context_window: positive, max_output_tokens: positive, images: flag },
  proxy: { base_url: web, token: filled },
  gateway_token: filled,
  // A box of the warm pool has no bot yet: its token is empty.
  telegram: { bot_token: text, allow_from: userIds, api_root: web },
};

/** A problem names the field and what it should be, never what was found: it may be a secret. */
export function parseBoxConfig(json: string): ReadResult {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { ok: false, problem: "box.json is not JSON" };
  }
  const wrong = wrongFields(value, FIELDS, "");
  if (wrong.length > 0) return { ok: false, problem: `box.json: missing or wrong: ${wrong.join(", ")}` };
  return { ok: true, box: value as BoxConfig };
}

/**
 * Reads box.json. The contract is `BoxConfig` in schema/contracts; in the image there is neither that folder nor zod,
 * so the fields are checked here by hand, and a test holds the two together.
 */
import type { BoxConfig } from "#schema/contracts/box-config.ts";

export type { BoxConfig };

export type ReadResult = { ok: true; box: BoxConfig } | { ok: false; problem: string };

type Check = (value: unknown) => boolean;
type Fields = { [field: string]: Check | Fields };

const text: Check = (value) => typeof value === "string";
const filled: Check = (value) => typeof value === "string" && value.length > 0;
const whole: Check = (value) => Number.isSafeInteger(value);
const positive: Check = (value) => Number.isSafeInteger(value) && Number(value) > 0;
const flag: Check = (value) => typeof value === "boolean";
const textOrNull: Check = (value) => value === null || typeof value === "string";
const userIds: Check = (value) => Array.isArray(value) && value.every(filled);
const web: Check = (value) => typeof value === "string" && /^https?:$/.test(URL.parse(value)?.protocol ?? "");

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

function wrongFields(value: unknown, fields: Fields, prefix: string): string[] {
  if (typeof value !== "object" || value === null) return [prefix.slice(0, -1) || "the document"];
  return Object.entries(fields).flatMap(([name, check]) => {
    const found = (value as Record<string, unknown>)[name];
    if (typeof check !== "function") return wrongFields(found, check, `${prefix}${name}.`);
    return check(found) ? [] : [prefix + name];
  });
}

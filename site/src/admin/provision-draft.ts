/** The form's text, checked by `ProvisionRequest` exactly as the edge does. */
import { ProvisionRequest } from "#schema/contracts/internal.ts";
import type { FieldError } from "#schema/domain/errors.ts";
import { tooManyPeople } from "#schema/domain/people.ts";
import { PEOPLE_WORDS, readPeople } from "./people-text.ts";

export const EMPTY_DRAFT = {
  customer_email: "",
  telegram_bot_token: "",
  telegram_users: "",
  tier: "starter",
  model: "kimi-coding/k2p5",
  thinking_level: "low",
  language: "en",
};
export type Draft = typeof EMPTY_DRAFT;
export type Field = keyof Draft;
export type FieldErrors = Partial<Draft>;

const WORDS: Readonly<Record<Field, string>> = {
  customer_email: "Enter an email address, like name@example.org.",
  telegram_bot_token: "Paste the token as @BotFather gave it: digits, a colon, 35 characters.",
  telegram_users: PEOPLE_WORDS,
  tier: "Choose one of the plans.",
  model: "Choose one of the models.",
  thinking_level: "Choose one of the levels.",
  language: "Choose one of the languages.",
};

const isField = (name: unknown): name is Field => Object.keys(EMPTY_DRAFT).some((field) => field === name);

export type DraftResult = { ok: true; request: ProvisionRequest } | { ok: false; errors: FieldErrors };

/** Blanks around a pasted value are dropped, nothing else. */
export function readDraft(draft: Draft): DraftResult {
  const trimmed = Object.fromEntries(Object.entries(draft).map(([name, value]) => [name, value.trim()]));
  const parsed = ProvisionRequest.safeParse({ ...trimmed, telegram_users: readPeople(draft.telegram_users) });
  if (parsed.success) return withRoom(parsed.data);
  const errors: FieldErrors = {};
  for (const { path } of parsed.error.issues) if (isField(path[0])) errors[path[0]] = WORDS[path[0]];
  return { ok: false, errors };
}

function withRoom(request: ProvisionRequest): DraftResult {
  const tooMany = tooManyPeople(request.tier, request.telegram_users ?? []);
  return tooMany === undefined ? { ok: true, request } : { ok: false, errors: { telegram_users: `${tooMany}.` } };
}

/** The edge's details continue the field's name ("must be …"); beside a field they stand alone. */
const sentence = (detail: string): string => (/^[a-z]/.test(detail) ? `This ${detail}.` : detail);

/** Assigns the edge's `errors[].pointer` to fields; those without a field are returned as `rest`. */
export function placeErrors(errors: readonly FieldError[]): { fields: FieldErrors; rest: string[] } {
  const fields: FieldErrors = {};
  const rest: string[] = [];
  for (const { pointer, detail } of errors) {
    const name = pointer.split("/")[1];
    if (isField(name)) fields[name] ??= sentence(detail);
    else rest.push(detail);
  }
  return { fields, rest };
}

/** Building blocks of contracts. Their checks are all expressible in JSON Schema. */
import * as z from "zod";

/**
 * Text of so many characters at most. Longer text is refused right here: no expression and no other check behind it runs on
 * what is too long. Whatever is checked by more than its length begins with this (tests/house/hostile-text.test.ts).
 */
export const text = (max: number) => z.string().max(max, { abort: true });

export const time = text(40).check(z.iso.datetime());
export const email = text(254).check(z.email());
export const webUrl = text(2_048).check(z.url({ protocol: /^https?$/ }));
export const clusterId = text(32).regex(/^[a-z0-9-]+$/);
/** Lower-case hex. */
export const sha256 = text(64).regex(/^[0-9a-f]{64}$/);

/** A whole number as text, for a path or a query. */
export const wholeNumber = (min: number, max: number) =>
  text(16)
    .regex(/^(?:0|[1-9][0-9]{0,15})$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .meta({ type: "integer", pattern: undefined, maxLength: undefined, minimum: min, maximum: max });

/** Any character but NUL, which a database can't hold. */
const ANY = "[^\\u0000]";
export const storable = (max: number) => text(max).regex(new RegExp(`^${ANY}*$`), "must not contain a NUL character");

/** Non-empty text; surrounding space is trimmed. */
export const words = (max: number) =>
  text(max)
    .regex(new RegExp(`^\\s*[^\\s\\u0000]${ANY}*$`), "must not be empty or contain a NUL character")
    .trim();

/** Of the catalogue of reasons (docs/10-reasons.md), or a newer program's, which this one does not know. */
export const reasonCode = text(64).regex(/^[a-z][a-z0-9_]*$/);

/** A non-negative counter. */
export const count = z.int().min(0).max(2_147_483_647);

/** A boolean as text. */
export const flag = z.enum(["true", "false"]).transform((said) => said === "true");

const UUID = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}";
const NOT_OURS = "must be the next_cursor of the previous page";
/** The cursor of a list, newest first: `<ms since the epoch>_<id>`. Opaque to callers. */
export const timeCursor = text(64).regex(new RegExp(`^[0-9]{1,13}_${UUID}$`), NOT_OURS);
/** The same where rows are numbered. */
export const numberCursor = text(15).regex(/^[0-9]{1,15}$/, NOT_OURS);
/** The same for sums: customer, day and model, where they are grouped by. */
export const usageCursor = text(400).regex(
  new RegExp(`^(?:${UUID})?_(?:[0-9]{4}-[0-9]{2}-[0-9]{2})?_${ANY}*$`),
  NOT_OURS,
);

/** Pieces that many contracts are made of. */
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

/** A whole number where everything is text: in a path or a query. */
export const wholeNumber = (min: number, max: number) =>
  text(16)
    .regex(/^(?:0|[1-9][0-9]{0,15})$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .meta({ type: "integer", pattern: undefined, maxLength: undefined, minimum: min, maximum: max });

/** Pieces that many contracts are made of. */
import * as z from "zod";

/** A whole number where everything is text: in a path or a query. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^(?:0|[1-9][0-9]{0,15})$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .meta({ type: "integer", pattern: undefined, minimum: min, maximum: max });

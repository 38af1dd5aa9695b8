import { types } from "pg";

/** How PostgreSQL writes a value; null is SQL's null. */
export type RawText = string | null;
type Convert = (text: string) => unknown;

/** By OID, as in PostgreSQL's catalog `pg_type`. */
const SCALARS = new Map<number, Convert>([
  [16, (text) => text === "t"],
  [21, Number],
  [23, Number],
  [700, finite],
  [701, finite],
  [114, (text) => JSON.parse(text)],
  [3802, (text) => JSON.parse(text)],
]);

/** Array types whose elements aren't plain strings, and the type of those elements. */
const ELEMENTS = new Map([
  [1000, 16],
  [1005, 21],
  [1007, 23],
  [1021, 700],
  [1022, 701],
  [199, 114],
  [3807, 3802],
]);
const STRING_ARRAYS = new Set([1002, 1009, 1014, 1015, 1016, 1115, 1182, 1183, 1185, 1231, 2951]);
/** `text[]`: its types leave arrays out, but `pg` reads them. */
const TEXT_ARRAY = 1009 as number as typeof types.builtins.TEXT;

/**
 * A value as Neon gives it when raw text isn't asked for: small numbers, booleans and JSON as JSON, arrays as
 * arrays, all the rest (bigint, numeric, times, bytea) as text.
 * Source: Neon's proxy, serverless/json.rs, and its documentation of the `/sql` endpoint.
 */
export function toJson(text: RawText, type: number): unknown {
  if (text === null) return null;
  const element = ELEMENTS.get(type);
  if (element !== undefined || STRING_ARRAYS.has(type)) return each(parseArray(text), SCALARS.get(element ?? 0));
  return SCALARS.get(type)?.(text) ?? text;
}

/** JSON has no NaN and no infinity: they stay text. */
function finite(text: string): unknown {
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}

/** An array of strings, nulls and arrays of the same. */
function parseArray(text: string): unknown[] {
  return types.getTypeParser(TEXT_ARRAY)(text) as unknown[];
}

function each(values: unknown[], convert: Convert | undefined): unknown[] {
  return values.map((value) => {
    if (Array.isArray(value)) return each(value, convert);
    return typeof value === "string" && convert ? convert(value) : value;
  });
}

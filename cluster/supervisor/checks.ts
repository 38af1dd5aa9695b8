/** What a field of a JSON file has to be; the image has no library for that. */
export type Check = (value: unknown) => boolean;
export type Fields = { [field: string]: Check | Fields };

export const text: Check = (value) => typeof value === "string";
export const filled: Check = (value) => typeof value === "string" && value.length > 0;
export const whole: Check = (value) => Number.isSafeInteger(value);
export const positive: Check = (value) => Number.isSafeInteger(value) && Number(value) > 0;
export const flag: Check = (value) => typeof value === "boolean";
export const textOrNull: Check = (value) => value === null || typeof value === "string";
export const web: Check = (value) => typeof value === "string" && /^https?:$/.test(URL.parse(value)?.protocol ?? "");

/** The names of fields that are missing or wrong, never what was found: it may be a secret. */
export function wrongFields(value: unknown, fields: Fields, prefix: string): string[] {
  if (typeof value !== "object" || value === null) return [prefix.slice(0, -1) || "the document"];
  return Object.entries(fields).flatMap(([name, check]) => {
    const found = (value as Record<string, unknown>)[name];
    if (typeof check !== "function") return wrongFields(found, check, `${prefix}${name}.`);
    return check(found) ? [] : [prefix + name];
  });
}

/** Finds zod schemas in whatever a module exports, and says whether each bounds a text before it looks at it. */
import * as z from "zod";

type Def = z.core.$ZodTypeDef & Record<string, unknown>;
interface Check {
  check: string;
  format?: string;
  abort?: boolean;
}

const defOf = (schema: z.ZodType): Def => schema._zod.def as Def;

/** Every schema in there, however deep, once. */
export function schemasIn(value: unknown): { at: string; schema: z.ZodType }[] {
  const found: { at: string; schema: z.ZodType }[] = [];
  const seen = new Set<unknown>();
  const walk = (value: unknown, at: string): void => {
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    if (value instanceof z.ZodType) {
      found.push({ at, schema: value });
      const { getter, checks: _, ...parts } = defOf(value);
      walk(parts, at);
      if (typeof getter === "function") walk(getter(), at);
    } else for (const [name, part] of Object.entries(value)) walk(part, `${at}/${name}`);
  };
  walk(value, "");
  return found;
}

/** Their own expressions look at so few characters that a bound would add nothing. */
const FIXED = new Set(["uuid", "guid", "ipv4", "ipv6", "cidrv4", "cidrv6"]);

/** False where a check may run on a text or list of any length. */
export function bounded(schema: z.ZodType): boolean {
  const def = defOf(schema);
  if (def.type === "pipe") return !isTransform(def.out) || endsAtLength(def.in as z.ZodType);
  if (def.type !== "string" && def.type !== "array") return true;
  const checks = checksOf(def);
  const firstLook = checks.findIndex(looks);
  return firstLook === -1 || checks.slice(0, firstLook).some(endsTooLong);
}

const isTransform = (out: unknown): boolean => out instanceof z.ZodType && defOf(out).type === "transform";

/** Any failed check keeps a transformation from running: it need not end the checks. */
function endsAtLength(schema: z.ZodType): boolean {
  const def = defOf(schema);
  if (def.innerType instanceof z.ZodType) return endsAtLength(def.innerType);
  if (def.type === "pipe") return endsAtLength(def.in as z.ZodType);
  if (def.type !== "string") return true;
  return checksOf(def).some(({ check }) => check === "max_length" || check === "length_equals");
}

/** In the order in which they run: a format of its own (`z.email()`) is the first. */
function checksOf(def: Def): Check[] {
  const own = def.check === "string_format" ? [def as unknown as Check] : [];
  const added = (def.checks ?? []) as z.core.$ZodCheck[];
  return [...own, ...added.map((check) => check._zod.def as Check)];
}

const looks = ({ check, format = "" }: Check): boolean =>
  (check === "string_format" && !FIXED.has(format)) || check === "custom";

const endsTooLong = ({ check, abort }: Check): boolean =>
  abort === true && (check === "max_length" || check === "length_equals");

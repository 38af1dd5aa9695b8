import { isRecord } from "../../drivers/desired/content.ts";

/** One field that differs. `there` or `wanted` is undefined if the field is absent. */
export interface FieldChange {
  /** `spec.template.spec.containers[gateway].image` */
  path: string;
  there: unknown;
  wanted: unknown;
}

/** The server's own fields, and the fence, which says who wrote, not what. */
const IGNORED = new Set([
  "status",
  "metadata.managedFields",
  "metadata.resourceVersion",
  "metadata.generation",
  "metadata.uid",
  "metadata.creationTimestamp",
  "metadata.annotations.fleet/fence",
]);

/** Where two JSON values differ, field by field. List entries are matched by name, otherwise by position. */
export function changesBetween(there: unknown, wanted: unknown, path = ""): FieldChange[] {
  if (IGNORED.has(path) || Object.is(there, wanted)) return [];
  if (isRecord(there) && isRecord(wanted)) return fieldChanges(there, wanted, (key) => (path ? `${path}.${key}` : key));
  if (Array.isArray(there) && Array.isArray(wanted)) {
    return fieldChanges(byName(there), byName(wanted), (key) => `${path}[${key}]`);
  }
  return [{ path, there, wanted }];
}

type Fields = Readonly<Record<string, unknown>>;

function fieldChanges(there: Fields, wanted: Fields, pathOf: (key: string) => string): FieldChange[] {
  const keys = [...new Set([...Object.keys(there), ...Object.keys(wanted)])];
  return keys.flatMap((key) => changesBetween(there[key], wanted[key], pathOf(key)));
}

function byName(list: readonly unknown[]): Fields {
  return Object.fromEntries(list.map((entry, i) => [nameOf(entry) ?? String(i), entry]));
}

const nameOf = (entry: unknown): string | undefined =>
  isRecord(entry) && typeof entry.name === "string" ? entry.name : undefined;

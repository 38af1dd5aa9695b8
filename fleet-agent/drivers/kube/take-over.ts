import * as z from "zod";
import type { KubeObject } from "../desired/kube-object.ts";
import { MANAGED_BY } from "../desired/metadata.ts";
import { objectPath } from "./resource-path.ts";
import { apply, type Writer, write } from "./write.ts";

/** A tree of field names, as in `managedFields`. */
type Fields = { [name: string]: Fields };
const Fields: z.ZodType<Fields> = z.record(
  z.string(),
  z.lazy(() => Fields),
);
const Entry = z.looseObject({
  manager: z.string().default(""),
  operation: z.string().default(""),
  subresource: z.string().optional(),
  fieldsV1: Fields.default({}),
});
type Entry = z.infer<typeof Entry>;
const Applied = z.object({ metadata: z.object({ managedFields: z.array(Entry).default([]) }) });

/** The fields that only we may set. Others may add labels, and the cluster writes the status. */
const OURS = ["f:spec", "f:data", "f:stringData"];

/**
 * Applies an object and removes others' additions. Server-side apply corrects the fields that we set and leaves
 * others' fields, such as another container or key. So such fields are first made ours; the
 * second apply doesn't set them, which removes them.
 */
export async function applyWhole(writer: Writer, object: KubeObject): Promise<unknown> {
  const answer = await apply(writer, object);
  const { managedFields } = Applied.parse(answer).metadata;
  if (!managedFields.some(isForeign)) return answer;
  const body = { metadata: { managedFields: withForeignAsOurs(managedFields) } };
  const path = objectPath(object);
  await write(writer, { method: "PATCH", path, contentType: "application/merge-patch+json", body });
  return apply(writer, object);
}

const isOurs = ({ manager, operation }: Entry): boolean => manager === MANAGED_BY && operation === "Apply";

const isForeign = (entry: Entry): boolean =>
  !isOurs(entry) && entry.subresource === undefined && Object.keys(oursOf(entry)).length > 0;

/** Pure. */
export function withForeignAsOurs(entries: readonly Entry[]): Entry[] {
  const foreign = entries.filter(isForeign);
  const taken = foreign.map(oursOf);
  return entries
    .filter((entry) => !foreign.includes(entry))
    .map((entry) => (isOurs(entry) ? { ...entry, fieldsV1: [entry.fieldsV1, ...taken].reduce(union) } : entry));
}

/** The foreign fields that only we may set. The annotation of `kubectl rollout restart` may stay. */
function oursOf({ fieldsV1 }: Entry): Fields {
  const parts = Object.entries(fieldsV1).filter(([part]) => OURS.includes(part));
  return withoutEmpty(parts.map(([part, fields]) => [part, withoutPodAnnotations(fields)]));
}

function withoutPodAnnotations(spec: Fields): Fields {
  const { "f:template": template, ...rest } = spec;
  if (!template) return spec;
  const { "f:metadata": _, ...pod } = template;
  return { ...rest, ...withoutEmpty([["f:template", pod]]) };
}

const withoutEmpty = (entries: [string, Fields][]): Fields =>
  Object.fromEntries(entries.filter(([, fields]) => Object.keys(fields).length > 0));

function union(one: Fields, other: Fields): Fields {
  const both = Object.entries(other).map(([name, fields]) => [name, union(one[name] ?? {}, fields)]);
  return { ...one, ...Object.fromEntries(both) };
}

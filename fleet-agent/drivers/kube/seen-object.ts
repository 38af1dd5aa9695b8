import * as z from "zod";
import { boxIdOf } from "#schema/domain/ids.ts";
import { contentOf } from "../desired/content.ts";
import type { KubeObject } from "../desired/kube-object.ts";
import { CONTENT_ANNOTATION, GENERATION_ANNOTATION, MANAGED_BY, NAME } from "../desired/metadata.ts";

export type Kind = KubeObject["kind"];

/** What is kept of an object in a box's namespace: a few words, of which most are shared between boxes. */
export interface SeenObject {
  /** Undefined where it is no object of a box: another name, another namespace. */
  boxId: string | undefined;
  /** See `contentOf`; of a Secret only its labels. */
  content: string;
  /** The hash of the content that was asked for when it was last written by us. */
  wanted: string | undefined;
  generation: number;
  ending: boolean;
  /** Of a Secret: somebody else has written its data since. */
  touched: boolean;
}

const ManagedFields = z.array(
  z.object({
    manager: z.string().default(""),
    operation: z.string().default(""),
    subresource: z.string().optional(),
    fieldsV1: z.record(z.string(), z.unknown()).default({}),
  }),
);

const Raw = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string().optional(),
    deletionTimestamp: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).default({}),
    managedFields: ManagedFields.default([]),
  }),
  spec: z.unknown().optional(),
  automountServiceAccountToken: z.boolean().optional(),
});

/** How an object of this kind is read from a list or a watch. `shared` gives one text for all that are equal. */
export const seenObjectView = (kind: Kind, shared: (text: string) => string) =>
  Raw.transform(({ metadata, spec, automountServiceAccountToken }): SeenObject => {
    const isNamespace = kind === "Namespace";
    const ours = isNamespace || metadata.name === NAME;
    const boxId = ours ? boxIdOf(isNamespace ? metadata.name : (metadata.namespace ?? "")) : undefined;
    const parts = { labels: metadata.labels, spec, automountServiceAccountToken };
    const wanted = metadata.annotations[CONTENT_ANNOTATION];
    return {
      boxId,
      content: boxId === undefined ? "" : shared(contentOf(kind, parts, boxId)),
      wanted: wanted && shared(wanted),
      generation: Number(metadata.annotations[GENERATION_ANNOTATION] ?? 0),
      ending: metadata.deletionTimestamp !== undefined,
      touched: kind === "Secret" && isTouched(metadata.managedFields),
    };
  });

/**
 * The API server notes who has set which field: whoever changes a value takes it from its owner. So a Secret whose data is
 * all ours is as we wrote it, and nobody has to read it to know.
 */
function isTouched(fields: z.infer<typeof ManagedFields>): boolean {
  const withData = fields.filter(({ fieldsV1 }) => "f:data" in fieldsV1 || "f:stringData" in fieldsV1);
  const ours = (entry: (typeof fields)[number]) => entry.manager === MANAGED_BY && entry.operation === "Apply";
  return !withData.some(ours) || !withData.every(ours);
}

import * as z from "zod";
import { boxIdOf } from "#schema/domain/ids.ts";
import { contentOf } from "../desired/content.ts";
import type { KubeObject } from "../desired/kube-object.ts";
import { CONTENT_ANNOTATION, GENERATION_ANNOTATION, NAME, SECRET_VERSION_ANNOTATION } from "../desired/metadata.ts";

export type Kind = KubeObject["kind"];

/** What to keep of an object in a box's namespace: a few strings, most of them shared between boxes. */
export interface SeenObject {
  /** Undefined outside namespaces of boxes. */
  boxId: string | undefined;
  name: string;
  /** Whether it is the box's own object of this kind; others in the namespace are foreign. */
  isOwn: boolean;
  /** See `contentOf`. */
  content: string;
  /** The hash of the content that we last wrote. */
  wanted: string | undefined;
  generation: number;
  ending: boolean;
  /** Of a Deployment: the version of the box's Secret as we last wrote it. */
  secretVersion: string | undefined;
}

const Raw = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string().optional(),
    deletionTimestamp: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.unknown().optional(),
  automountServiceAccountToken: z.boolean().optional(),
});

/** Reads an object of this kind from a list or a watch. `shared` returns one string for all equal ones. */
export const seenObjectView = (kind: Kind, shared: (text: string) => string) =>
  Raw.transform(({ metadata, spec, automountServiceAccountToken }): SeenObject => {
    const isNamespace = kind === "Namespace";
    const boxId = boxIdOf(isNamespace ? metadata.name : (metadata.namespace ?? ""));
    const isOwn = isNamespace || metadata.name === NAME;
    const parts = { labels: metadata.labels, spec, automountServiceAccountToken };
    const wanted = metadata.annotations[CONTENT_ANNOTATION];
    return {
      boxId,
      name: metadata.name,
      isOwn,
      content: boxId === undefined || !isOwn ? "" : shared(contentOf(kind, parts, boxId)),
      wanted: wanted && shared(wanted),
      generation: Number(metadata.annotations[GENERATION_ANNOTATION] ?? 0),
      ending: metadata.deletionTimestamp !== undefined,
      secretVersion: metadata.annotations[SECRET_VERSION_ANNOTATION],
    };
  });

import { createHash } from "node:crypto";
import type { KubeObject } from "./kube-object.ts";
import { RESTART_ANNOTATION } from "./metadata.ts";

/** The content of an object, written or read. */
export interface ObjectContent {
  labels?: Readonly<Record<string, string>> | undefined;
  spec?: unknown;
  automountServiceAccountToken?: boolean | undefined;
}

/** Labels with a function: by which we find the object, and which the API server enforces. */
const MEANT = /^(app\.kubernetes\.io|pod-security\.kubernetes\.io)\//;

/**
 * The compared part of an object, as canonical text: boxes of one plan differ only in
 * their ids, so thousands of boxes have a handful of texts. Left out is what others may write (status, foreign labels, the
 * annotation of `kubectl rollout restart`), what changes with every job (fence, generation, restart token), and what a
 * claim's storage class decides.
 */
export function contentOf(kind: KubeObject["kind"], object: ObjectContent, boxId: string): string {
  const labels = Object.fromEntries(Object.entries(object.labels ?? {}).filter(([name]) => MEANT.test(name)));
  const whole = { labels, automount: object.automountServiceAccountToken, spec: specOf(kind, object.spec) };
  return canonical(whole).replaceAll(boxId, "<box>");
}

/** A short hash that distinguishes contents. */
export const contentHash = (content: string): string => createHash("sha256").update(content).digest("hex").slice(0, 16);

function specOf(kind: KubeObject["kind"], spec: unknown): unknown {
  if (kind === "Namespace" || kind === "Secret" || kind === "PersistentVolumeClaim") return undefined;
  if (kind !== "Deployment" || !isRecord(spec)) return spec;
  const { template } = spec;
  if (!isRecord(template) || !isRecord(template.metadata)) return spec;
  const { creationTimestamp: _, ...metadata } = template.metadata;
  const annotations = Object.entries(isRecord(metadata.annotations) ? metadata.annotations : {});
  const ours = annotations.filter(([name]) => name.startsWith("fleet/") && name !== RESTART_ANNOTATION);
  return { ...spec, template: { ...template, metadata: { ...metadata, annotations: Object.fromEntries(ours) } } };
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    isRecord(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

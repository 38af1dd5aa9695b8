import type { DesiredBox } from "#schema/contracts/fleet.ts";
import { namespaceOf } from "#schema/domain/ids.ts";
import type { ObjectMetadata } from "./kube-object.ts";

/** Every object in a box's namespace has this name: there is one of each, so nothing needs to be looked up. */
export const NAME = "gateway";
/** The manager's label, by which pruning and watches select. */
export const MANAGED_BY = "fleet-agent";
/** The pods of boxes, in all namespaces. */
export const POD_LABEL = { app: "openclaw-gateway" } as const;

/** What every pod of a box runs as; the admission policy refuses others (cluster/manifests/admission). */
export const PRIORITY_CLASS = "openclaw-box";

/** The admission policy refuses an older fence than the stored one (cluster/manifests/admission). */
export const FENCE_ANNOTATION = "fleet/fence";
export const GENERATION_ANNOTATION = "fleet/generation";
/** A hash of what we wrote: distinguishes others' changes from what another agent version would write. */
export const CONTENT_ANNOTATION = "fleet/content";
export const RESTART_ANNOTATION = "fleet/restart-token";
/** On the Deployment: the version of the box's Secret that we last wrote, by which a change of the Secret is detected. */
export const SECRET_VERSION_ANNOTATION = "fleet/secret-version";
/** On the Secret and on running pods: SHA-256 of `box.json`. */
export const CONFIG_ANNOTATION = "fleet/config-hash";

export const labels = (box: DesiredBox): Record<string, string> => ({
  "app.kubernetes.io/name": "openclaw-gateway",
  "app.kubernetes.io/instance": box.box_id,
  "app.kubernetes.io/part-of": "openclaw-cloud",
  "app.kubernetes.io/managed-by": MANAGED_BY,
});

const annotations = (box: DesiredBox): Record<string, string> => ({
  [FENCE_ANNOTATION]: String(box.fence),
  [GENERATION_ANNOTATION]: String(box.generation),
});

export const namespaceMetadata = (box: DesiredBox): ObjectMetadata => ({
  name: namespaceOf(box.box_id),
  labels: labels(box),
  annotations: annotations(box),
});

/** Metadata of an object in the box's namespace. */
export const metadata = (box: DesiredBox): ObjectMetadata & { namespace: string } => ({
  name: NAME,
  namespace: namespaceOf(box.box_id),
  labels: labels(box),
  annotations: annotations(box),
});

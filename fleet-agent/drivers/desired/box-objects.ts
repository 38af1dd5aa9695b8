import type { DesiredBox } from "#schema/contracts/fleet.ts";
import type { ClusterSettings } from "../../config/cluster-settings.ts";
import { secret } from "./box-config.ts";
import { contentHash, contentOf } from "./content.ts";
import { deployment } from "./deployment.ts";
import type { Deployment, KubeObject, Namespace, Secret, Volume } from "./kube-object.ts";
import { CONTENT_ANNOTATION } from "./metadata.ts";
import { namespace, serviceAccount } from "./namespace.ts";
import { networkPolicy } from "./network-policy.ts";
import { limitRange, resourceQuota } from "./quota.ts";
import { volume } from "./volume.ts";

/** A box as Kubernetes objects, in the order of their creation. */
export interface BoxObjects {
  namespace: Namespace;
  /** The objects that limit the pod. */
  bounds: KubeObject[];
  secret: Secret;
  volume: Volume;
  deployment: Deployment;
}

/** Pure: the same box and settings give the same objects. Throws for a box without configuration (one to be destroyed). */
export function boxObjects(box: DesiredBox, settings: ClusterSettings): BoxObjects {
  if (!box.config) throw new TypeError("a box without configuration has no objects");
  return { ...objectsWithoutSecret(box, settings), secret: signed(secret(box, box.config), box) };
}

/** A box's objects without its Secret. */
export function objectsWithoutSecret(box: DesiredBox, settings: ClusterSettings): Omit<BoxObjects, "secret"> {
  const own = { ...settings, image: box.image ?? settings.image };
  const bounds = [resourceQuota(box), limitRange(box), networkPolicy(box, settings), serviceAccount(box)];
  return {
    namespace: signed(namespace(box), box),
    bounds: bounds.map((object) => signed(object, box)),
    volume: signed(volume(box, settings), box),
    deployment: signed(deployment(box, own), box),
  };
}

/** With the hash of its content, by which later changes are detected. */
function signed<T extends KubeObject>(object: T, { box_id }: DesiredBox): T {
  const { metadata } = object;
  const content = contentOf(object.kind, { ...object, labels: metadata.labels }, box_id);
  const annotations = { ...metadata.annotations, [CONTENT_ANNOTATION]: contentHash(content) };
  return { ...object, metadata: { ...metadata, annotations } };
}

export const allObjects = ({ namespace, bounds, secret, volume, deployment }: BoxObjects): KubeObject[] => [
  namespace,
  ...bounds,
  secret,
  volume,
  deployment,
];

/** What a box is compared with: all but its Secret, which needs neither its customer nor its configuration. */
export function comparedObjects(
  box: Omit<DesiredBox, "customer_id" | "config">,
  settings: ClusterSettings,
): KubeObject[] {
  const whole = { ...box, customer_id: null, config: null };
  const { namespace, bounds, volume, deployment } = objectsWithoutSecret(whole, settings);
  return [namespace, ...bounds, volume, deployment];
}

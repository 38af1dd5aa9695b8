import type { DesiredBox } from "#schema/contracts/fleet.ts";
import { secret } from "./box-config.ts";
import { deployment } from "./deployment.ts";
import type { Deployment, KubeObject, Namespace, Secret, Volume } from "./kube-object.ts";
import { namespace, serviceAccount } from "./namespace.ts";
import { networkPolicy } from "./network-policy.ts";
import { limitRange, resourceQuota } from "./quota.ts";
import type { ClusterSettings } from "./settings.ts";
import { volume } from "./volume.ts";

/** A box as Kubernetes objects, in the order in which they have to be there. */
export interface BoxObjects {
  namespace: Namespace;
  /** What bounds the pod. */
  bounds: KubeObject[];
  secret: Secret;
  volume: Volume;
  deployment: Deployment;
}

/** Pure: the same box and settings give the same objects. Throws for a box without configuration (one to be destroyed). */
export function boxObjects(box: DesiredBox, settings: ClusterSettings): BoxObjects {
  if (!box.config) throw new TypeError("a box without configuration has no objects");
  return { ...objectsWithoutSecret(box, settings), secret: secret(box, box.config) };
}

/** All that can be said of a box without knowing its secrets. */
export function objectsWithoutSecret(box: DesiredBox, settings: ClusterSettings): Omit<BoxObjects, "secret"> {
  const own = { ...settings, image: box.image ?? settings.image };
  return {
    namespace: namespace(box),
    bounds: [resourceQuota(box), limitRange(box), networkPolicy(box, settings), serviceAccount(box)],
    volume: volume(box, settings),
    deployment: deployment(box, own),
  };
}

export const allObjects = (objects: BoxObjects): KubeObject[] => [
  objects.namespace,
  ...objects.bounds,
  objects.secret,
  objects.volume,
  objects.deployment,
];

import type { DesiredBox } from "#schema/contracts/fleet.ts";
import { TIERS } from "#schema/domain/tiers.ts";
import type { ClusterSettings } from "../../config/cluster-settings.ts";
import type { Volume } from "./kube-object.ts";
import { metadata } from "./metadata.ts";

/**
 * The box's memory. It outlives pods, suspension and every update; only destroying the box removes it. Only one pod at a
 * time may mount it, on any node: two gateways would compete for one bot, and a pod on a silent machine may still run.
 */
export function volume(box: DesiredBox, settings: ClusterSettings): Volume {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: metadata(box),
    spec: {
      accessModes: ["ReadWriteOncePod"],
      resources: { requests: { storage: `${TIERS[box.tier].volumeGi}Gi` } },
      ...(settings.storageClass ? { storageClassName: settings.storageClass } : {}),
    },
  };
}

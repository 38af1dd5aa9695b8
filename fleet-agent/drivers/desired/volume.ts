import type { DesiredBox } from "#schema/contracts/fleet.ts";
import { TIERS } from "#schema/domain/tiers.ts";
import type { ClusterSettings } from "../../config/cluster-settings.ts";
import type { Volume } from "./kube-object.ts";
import { metadata } from "./metadata.ts";

/**
 * The agent's memory. It outlives pods, suspension and every update; only destroying the box removes it. One pod at a time may
 * have it, wherever: two gateways would fight over one bot, and a pod on a silent machine may still run.
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

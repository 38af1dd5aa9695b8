import type { V1PodSpec, V1Toleration } from "@kubernetes/client-node";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import type { ClusterSettings } from "../../config/cluster-settings.ts";
import { container, POD_GRACE_SECONDS } from "./container.ts";
import type { Deployment } from "./kube-object.ts";
import {
  labels,
  metadata,
  NAME,
  POD_LABEL,
  PRIORITY_CLASS,
  RESTART_ANNOTATION,
  SECRET_VERSION_ANNOTATION,
} from "./metadata.ts";

/** The user that the image's files belong to. */
const UID = 1_000;

/**
 * How long a box stays on an unready or unreachable node: longer than a reboot, and short enough that it
 * runs elsewhere within five minutes (50 s until the cluster knows, this, 60 s to stop, a cold start). If the node reports
 * not ready, its kubelet ends the pod and the box moves. If it is silent, the pod may still run: it is evicted, and
 * the next one starts when it is known to be gone, because the volume takes one pod (docs/runbooks/node-loss.md).
 */
const LEAVES_AFTER_SECONDS = 120;

const LEAVE_LOST_NODES: V1Toleration[] = ["not-ready", "unreachable"].map((what) => ({
  key: `node.kubernetes.io/${what}`,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds: LEAVES_AFTER_SECONDS,
}));

/**
 * Recreate, because there must never be two pods: two processes can't share a state directory, nor two pollers a bot.
 * The pod's template changes only with what must restart it: image, resources, a restart job. A new configuration
 * is a new Secret, which the running gateway reloads.
 */
export function deployment(box: DesiredBox, settings: ClusterSettings): Deployment {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadata(box),
    spec: {
      replicas: box.status === "active" ? 1 : 0,
      revisionHistoryLimit: 1,
      progressDeadlineSeconds: 600,
      strategy: { type: "Recreate" },
      selector: { matchLabels: { ...POD_LABEL } },
      template: {
        metadata: {
          labels: { ...labels(box), ...POD_LABEL },
          annotations: { [RESTART_ANNOTATION]: box.restart_token },
        },
        spec: {
          serviceAccountName: NAME,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          priorityClassName: PRIORITY_CLASS,
          ...(settings.runtimeClass ? { runtimeClassName: settings.runtimeClass } : {}),
          ...resolver(settings.nameservers),
          terminationGracePeriodSeconds: POD_GRACE_SECONDS,
          tolerations: LEAVE_LOST_NODES,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: UID,
            runAsGroup: UID,
            fsGroup: UID,
            // Changing the owner of a big volume at each start would take longer than the start.
            fsGroupChangePolicy: "OnRootMismatch",
            seccompProfile: { type: "RuntimeDefault" },
          },
          containers: [container(box.tier, settings)],
          volumes: [
            { name: "config", secret: { secretName: NAME, defaultMode: 0o440 } },
            { name: "state", persistentVolumeClaim: { claimName: NAME } },
            // Mode 0777 without the sticky bit, which keeps users from each other's files: here there is one user.
            { name: "tmp", emptyDir: { sizeLimit: "512Mi" } },
          ],
        },
      },
    },
  };
}

/** An annotation of the Deployment, not of its pods, which keep running with a newer Secret. */
export function withSecretVersion(deployment: Deployment, version: string): Deployment {
  const { metadata } = deployment;
  const annotations = { ...metadata.annotations, [SECRET_VERSION_ANNOTATION]: version };
  return { ...deployment, metadata: { ...metadata, annotations } };
}

/** Boxes resolve only full names, so those are tried first, not below each of the cluster's search domains. */
function resolver(nameservers: string[] | undefined): Pick<V1PodSpec, "dnsPolicy" | "dnsConfig"> {
  const options = [{ name: "ndots", value: "1" }];
  return nameservers?.length ? { dnsPolicy: "None", dnsConfig: { nameservers, options } } : { dnsConfig: { options } };
}

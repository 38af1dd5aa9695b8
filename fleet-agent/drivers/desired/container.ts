import type { V1Container, V1Probe } from "@kubernetes/client-node";
import type { TierId } from "#schema/domain/tiers.ts";
import { TIERS } from "#schema/domain/tiers.ts";
import type { ClusterSettings } from "../../config/cluster-settings.ts";
import { NAME } from "./metadata.ts";
import { containerResources, nodeOptions } from "./resources.ts";

export const CONFIG_DIR = "/etc/box";
export const STATE_DIR = "/data";
const GATEWAY_PORT = 18_789;
const HEALTH_PORT = 8_080;

/**
 * How long a pod may take to stop. An idle gateway stops within 2 s. One in the middle of a turn gets all but ten
 * seconds, which its supervisor needs to kill a stuck process and report it before the kubelet kills everything.
 * (OpenClaw alone would continue for up to 315 s and delay a restart or suspension.)
 */
export const POD_GRACE_SECONDS = 60;

export function container(tier: TierId, settings: ClusterSettings): V1Container {
  return {
    name: NAME,
    image: settings.image,
    imagePullPolicy: settings.imagePullPolicy,
    env: [
      ...Object.entries(environment(tier, settings)).map(([name, value]) => ({ name, value })),
      // The egress gate's canaries: see cluster/supervisor/canaries.ts.
      { name: "NODE_IPS", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "status.hostIPs" } } },
    ],
    ports: [{ name: "health", containerPort: HEALTH_PORT, protocol: "TCP" }],
    resources: containerResources(tier),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [
      { name: "config", mountPath: CONFIG_DIR, readOnly: true },
      { name: "state", mountPath: STATE_DIR },
      { name: "tmp", mountPath: "/tmp" },
    ],
    ...PROBES,
  };
}

/** The supervisor's environment. Without secrets: those are in the mounted file. */
const environment = (tier: TierId, { egressGate }: ClusterSettings): Record<string, string> => ({
  BOX_CONFIG_DIR: CONFIG_DIR,
  STATE_DIR,
  GATEWAY_PORT: String(GATEWAY_PORT),
  HEALTH_PORT: String(HEALTH_PORT),
  BIND_HOST: "0.0.0.0",
  STOP_GRACE_SECONDS: String(POD_GRACE_SECONDS - 10),
  EGRESS_GATE: egressGate ?? "on",
  NODE_OPTIONS: nodeOptions(TIERS[tier].memory.limitMi),
});

const probe = (
  path: string,
  more: Pick<V1Probe, "periodSeconds" | "timeoutSeconds" | "failureThreshold">,
): V1Probe => ({
  httpGet: { path, port: "health" },
  ...more,
});

const PROBES = {
  // A cold start takes 8 s on a free core and minutes under load: five minutes, checked every second.
  startupProbe: probe("/startupz", { periodSeconds: 1, timeoutSeconds: 3, failureThreshold: 300 }),
  // Ready includes a running Telegram channel: a rejected bot token makes a box unready without a restart.
  readinessProbe: probe("/readyz", { periodSeconds: 2, timeoutSeconds: 3, failureThreshold: 3 }),
  // A turn can keep the only core busy for long: restart after a minute of silence.
  livenessProbe: probe("/healthz", { periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }),
};

import { isIP } from "node:net";
import type { Address } from "./probe.ts";

/** An address that a box must never reach, and that answers every pod without a network policy. */
export interface Canary extends Address {
  /** In words, for an operator. */
  name: string;
}

type Environment = Record<string, string | undefined>;

const KUBELET_PORT = 10_250;

/**
 * What must be refused before the gateway starts, from what Kubernetes tells every pod: the API server's address
 * (KUBERNETES_SERVICE_*), and the node's (NODE_IPS, the downward API's `status.hostIPs`). The metadata service of a
 * cloud is only there in a cloud. Null where EGRESS_GATE is not `on`.
 */
export function readCanaries(env: Environment, problems: string[]): Canary[] | null {
  if ((env.EGRESS_GATE || "off") === "off") return null;
  if (env.EGRESS_GATE !== "on") problems.push("EGRESS_GATE must be on or off");
  const nodes = (env.NODE_IPS ?? "").split(",").filter((address) => isIP(address));
  const canaries = [
    ...(env.KUBERNETES_SERVICE_HOST ? [apiServer(env.KUBERNETES_SERVICE_HOST, env.KUBERNETES_SERVICE_PORT)] : []),
    ...nodes.map((host) => ({ name: "the node's kubelet", host, port: KUBELET_PORT })),
  ];
  if (canaries.length === 0) problems.push("EGRESS_GATE is on, but KUBERNETES_SERVICE_HOST and NODE_IPS are missing");
  return [...canaries, { name: "the metadata service", host: "169.254.169.254", port: 80 }];
}

const apiServer = (host: string, port: string | undefined): Canary => ({
  name: "the API server",
  host,
  port: Number(port) || 443,
});

/** `the API server (10.43.0.1:443)` */
export const inWords = ({ name, host, port }: Canary): string =>
  `${name} (${isIP(host) === 6 ? `[${host}]` : host}:${port})`;

import { KubeConfig } from "@kubernetes/client-node";
import { kubectl } from "#tests/harness/cluster.ts";
import type { ClusterDoor } from "./agent-program.ts";

/** The cluster of KUBECONFIG as the agent's service account enters it. */
export async function agentDoor(): Promise<ClusterDoor> {
  const config = new KubeConfig();
  config.loadFromDefault();
  const cluster = config.getCurrentCluster();
  if (!cluster?.caData) throw new Error("the kubeconfig holds no certificate-authority-data of its current cluster");
  const token = await kubectl(["create", "token", "fleet-agent", "-n", "fleet-system", "--duration", "4h"]);
  return { server: cluster.server, ca: Buffer.from(cluster.caData, "base64"), token: token.trim() };
}

import type { PodAccess } from "../../config/config.ts";
import { accessFromPod } from "./in-cluster.ts";
import type { ClusterAccess } from "./kube-client.ts";

/** In a pod from its service account; elsewhere from KUBECONFIG or ~/.kube/config, by the client library, which is loaded only then because it is big. */
export async function openClusterAccess(pod: PodAccess | undefined): Promise<ClusterAccess> {
  if (pod) return accessFromPod(pod);
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromDefault();
  return config;
}

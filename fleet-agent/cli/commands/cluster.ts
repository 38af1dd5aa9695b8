import { delimiter } from "node:path";
import { podAccess } from "../../config/config.ts";
import type { ClusterAccess, KubeClient } from "../../drivers/kube/kube-client.ts";
import { KubeError, mayPass } from "../../drivers/kube/kube-error.ts";
import { localProduct } from "../operator/operator-settings.ts";
import { CommandError, EXIT } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

/** Runs `use` with the cluster that KUBECONFIG, the pod this runs in, or a local `npm start` names. */
export async function withCluster<T>(terminal: Terminal, use: (client: KubeClient) => Promise<T>): Promise<T> {
  const { connectKube } = await import("../../drivers/kube/kube-client.ts");
  const client = await connectKube(await openAccess(terminal)).catch(noCluster);
  try {
    return await use(client);
  } catch (error) {
    // The API server's own answers are told where all errors are.
    if (error instanceof KubeError || terminal.interrupt.aborted || mayPass(error) === false) throw error;
    const why = error instanceof Error ? error.message : "no reason is known";
    throw new CommandError(EXIT.unreachable, `The cluster's API server does not answer: ${why}`, error);
  } finally {
    await client.close();
  }
}

async function openAccess({ env }: Terminal): Promise<ClusterAccess> {
  const file = env.KUBECONFIG ?? localProduct(env)?.kubeconfig;
  const pod = podAccess(env);
  // Several files at once are left to the library, which reads the same variable.
  if (!file || file.includes(delimiter)) {
    const { openClusterAccess } = await import("../../drivers/kube/cluster-access.ts");
    return openClusterAccess(pod).catch(noCluster);
  }
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
  } catch {
    throw new CommandError(EXIT.usage, `KUBECONFIG: ${file} can't be read as a kubeconfig.`);
  }
  return config;
}

function noCluster(error: unknown): never {
  const why = error instanceof Error ? `: ${error.message}` : "";
  throw new CommandError(EXIT.usage, `No cluster is named: set KUBECONFIG to its kubeconfig${why}.`);
}

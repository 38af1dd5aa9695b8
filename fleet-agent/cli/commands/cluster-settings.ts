import * as z from "zod";
import type { ClusterSettings } from "../../config/cluster-settings.ts";
import { ConfigError, readClusterSettings } from "../../config/config.ts";
import type { KubeClient } from "../../drivers/kube/kube-client.ts";
import { isNotFound, unless } from "../../drivers/kube/kube-error.ts";
import type { Terminal } from "./terminal.ts";

/** cluster/manifests/agent.yaml: its container's environment comes from a ConfigMap whose name changes with its content. */
const DEPLOYMENT = "/apis/apps/v1/namespaces/fleet-system/deployments/fleet-agent";
const EnvFrom = z.object({ configMapRef: z.object({ name: z.string() }).optional() });
const AgentDeployment = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({ containers: z.array(z.object({ envFrom: z.array(EnvFrom).default([]) })) }),
    }),
  }),
});
const ConfigMap = z.object({ data: z.record(z.string(), z.string()).default({}) });

export interface FoundSettings {
  settings: ClusterSettings;
  /** Which cluster they are for; undefined where that is not said. */
  clusterId: string | undefined;
  /** Where they were found, for messages. */
  source: string;
}

/**
 * What shapes boxes in this cluster: from the environment where it is set there (as in the agent's own pod), else as
 * the cluster's agent has it. Throws `ConfigError`.
 */
export async function findClusterSettings({ env }: Terminal, client: KubeClient): Promise<FoundSettings> {
  if (env.GATEWAY_IMAGE) {
    return { settings: readClusterSettings(env), clusterId: env.CLUSTER_ID, source: "the environment" };
  }
  const data = await agentEnvironment(client);
  const source = "the settings of fleet-system/fleet-agent";
  try {
    return { settings: readClusterSettings(data), clusterId: data.CLUSTER_ID, source };
  } catch (error) {
    if (error instanceof ConfigError) throw new ConfigError(`${source}:\n${error.message}`);
    throw error;
  }
}

async function agentEnvironment(client: KubeClient): Promise<Record<string, string>> {
  const deployment = AgentDeployment.parse(await read(client, DEPLOYMENT));
  const names = deployment.spec.template.spec.containers
    .flatMap(({ envFrom }) => envFrom)
    .flatMap(({ configMapRef }) => (configMapRef ? [configMapRef.name] : []));
  const maps = await Promise.all(
    names.map((name) => read(client, `/api/v1/namespaces/fleet-system/configmaps/${name}`)),
  );
  return Object.assign({}, ...maps.map((map) => ConfigMap.parse(map).data));
}

async function read(client: KubeClient, path: string): Promise<unknown> {
  const there = await unless(isNotFound, () => client.json({ method: "GET", path }));
  if (there !== undefined) return there;
  throw new ConfigError(
    `What should boxes look like here? No fleet-agent runs in this cluster (${path} is not there): set GATEWAY_IMAGE, ` +
      "EDGE_CIDRS and the rest of `fleet-agent run --help`'s kube part as its agent has them.",
  );
}

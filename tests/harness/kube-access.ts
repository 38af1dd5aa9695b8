import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { connectKube, type KubeClient, type KubeRequest } from "#fleet-agent/drivers/kube/kube-client.ts";
import { KubeError } from "#fleet-agent/drivers/kube/kube-error.ts";
import { collectionPath } from "#fleet-agent/drivers/kube/resource-path.ts";
import { agentKubeconfig } from "./cluster.ts";

/** The API server as the fleet-agent (with the token of its service account) and as an administrator see it. */
export interface KubeAccess {
  agent: KubeClient;
  admin: KubeClient;
  close(): Promise<void>;
}

export async function openKubeAccess(): Promise<KubeAccess> {
  const { KUBECONFIG: kubeconfig } = process.env;
  if (!kubeconfig) throw new Error("The cluster suite needs KUBECONFIG.");
  const folder = await mkdtemp(join(tmpdir(), "openclaw-cloud-access-"));
  const [agent, admin] = await Promise.all([
    agentKubeconfig(kubeconfig, folder).then((file) => connectKube(configFrom(file))),
    connectKube(configFrom(kubeconfig)),
  ]);
  return {
    agent,
    admin,
    async close() {
      await Promise.all([agent.close(), admin.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configFrom(file: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(file);
  return config;
}

/** Null if the API server accepted, otherwise its message. */
export async function refusalOf(client: KubeClient, request: KubeRequest): Promise<string | null> {
  try {
    await client.json(request);
    return null;
  } catch (error) {
    if (error instanceof KubeError) return error.message;
    throw error;
  }
}

interface Named {
  kind: string;
  metadata: { name: string; namespace?: string };
}

/** As the agent writes it: server-side apply, and a PUT of a Secret that is there. */
export function applying(object: Named, dryRun = false): KubeRequest {
  const path = `${collectionOf(object)}/${object.metadata.name}`;
  const query = { fieldManager: "fleet-agent", ...(dryRun && { dryRun: "All" }) };
  if (object.kind === "Secret") return { method: "PUT", path, query, body: object };
  const contentType = "application/apply-patch+yaml";
  return { method: "PATCH", path, query: { ...query, force: "true" }, contentType, body: object };
}

/** Makes what is not there yet. */
export const making = (object: Named, dryRun = false): KubeRequest => ({
  method: "POST",
  path: collectionOf(object),
  query: { fieldManager: "fleet-agent", ...(dryRun && { dryRun: "All" }) },
  body: object,
});

const collectionOf = ({ kind, metadata }: Named): string =>
  collectionPath(kind as Parameters<typeof collectionPath>[0], metadata.namespace);

/** Removes nothing: a dry run. */
export const mayRemove = (path: string): KubeRequest => ({
  method: "DELETE",
  path,
  body: { kind: "DeleteOptions", apiVersion: "v1", dryRun: ["All"] },
});

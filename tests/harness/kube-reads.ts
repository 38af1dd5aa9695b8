/** Reads of the cluster that are repeated until something is so: by one connection, where kubectl would take a program's start each. */
import { KubeConfig } from "@kubernetes/client-node";
import { connectKube, type KubeClient } from "#fleet-agent/drivers/kube/kube-client.ts";
import { isNotFound } from "#fleet-agent/drivers/kube/kube-error.ts";

let connected: Promise<KubeClient> | undefined;

/** With an administrator's rights. */
function connection(): Promise<KubeClient> {
  const config = new KubeConfig();
  config.loadFromDefault();
  connected ??= connectKube(config);
  return connected;
}

export const readKube = async <T>(path: string, query?: Record<string, string>): Promise<T> =>
  (await (await connection()).json({ method: "GET", path, ...(query && { query }) })) as T;

/** Undefined where it isn't there. */
export const lookFor = <T>(path: string): Promise<T | undefined> =>
  readKube<T>(path).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });

export const namespaceExists = async (name: string): Promise<boolean> =>
  (await lookFor(`/api/v1/namespaces/${name}`)) !== undefined;

/** All that a pod has printed. */
export async function podLog(namespace: string, pod: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log`;
  let text = "";
  for await (const line of (await connection()).lines({ method: "GET", path, accept: "*/*" })) text += `${line}\n`;
  return text;
}

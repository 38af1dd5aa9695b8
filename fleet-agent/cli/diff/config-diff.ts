import { CONFIG_ANNOTATION, NAME } from "../../drivers/desired/metadata.ts";
import type { KubeClient } from "../../drivers/kube/kube-client.ts";
import { isNotFound, KubeError } from "../../drivers/kube/kube-error.ts";
import { collectionPath, podsPath } from "../../drivers/kube/resource-path.ts";
import { POD_SELECTOR } from "../../drivers/kube/touch-pods.ts";
import { ObjectList, ObjectView } from "../../drivers/kube/views.ts";
import type { ObjectDiff } from "./box-diff.ts";

/** Whether the Secret and the pods have the newest configuration: by its hash, never by its content. */
export async function configDiffs(client: KubeClient, namespace: string, hash: string): Promise<ObjectDiff[]> {
  const [secret, pods] = await Promise.all([secretDiff(client, namespace, hash), podDiffs(client, namespace, hash)]);
  return [secret, ...pods];
}

async function secretDiff(client: KubeClient, namespace: string, hash: string): Promise<ObjectDiff> {
  const diff = { kind: "Secret", name: NAME };
  const path = `${collectionPath("Secret", namespace)}/${NAME}`;
  try {
    // Request only the metadata: the content must not reach this process.
    const { metadata } = ObjectView.parse(await client.json({ method: "GET", path, accept: METADATA_ONLY }));
    return { ...diff, ...byHash(metadata.annotations?.[CONFIG_ANNOTATION], hash) };
  } catch (error) {
    if (isNotFound(error)) return { ...diff, state: "missing", changes: [] };
    // The fleet-agent may not read Secrets; the pods' annotation has the same hash.
    if (error instanceof KubeError && error.status === 403) return { ...diff, state: "same", changes: [] };
    throw error;
  }
}

const METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

async function podDiffs(client: KubeClient, namespace: string, hash: string): Promise<ObjectDiff[]> {
  const query = { labelSelector: POD_SELECTOR };
  const { items } = ObjectList.parse(await client.json({ method: "GET", path: podsPath(namespace), query }));
  return items
    .filter(({ metadata }) => !metadata.deletionTimestamp)
    .map(({ metadata }) => {
      // A pod that is younger than its Secret has no annotation: it started with that Secret.
      const told = metadata.annotations?.[CONFIG_ANNOTATION] ?? hash;
      return { kind: "Pod", name: metadata.name, ...byHash(told, hash) };
    });
}

const PATH = `metadata.annotations.${CONFIG_ANNOTATION}`;

function byHash(there: string | undefined, wanted: string): Pick<ObjectDiff, "state" | "changes"> {
  if (there === wanted) return { state: "same", changes: [] };
  return { state: "differs", changes: [{ path: PATH, there, wanted }] };
}

import { CONFIG_ANNOTATION, POD_LABEL } from "../desired/metadata.ts";
import { allEnded } from "./all-ended.ts";
import { isNotFound, unless } from "./kube-error.ts";
import { podsPath } from "./resource-path.ts";
import { PodList } from "./views.ts";
import { read, type Writer, write } from "./write.ts";

export const POD_SELECTOR = `app=${POD_LABEL.app}`;

/**
 * Annotates running pods with the new configuration's hash. A changed annotation makes the kubelet sync
 * the pod and its mounted Secret at once; otherwise that takes up to a minute.
 * Returns the number of pods annotated.
 */
export async function touchPods(writer: Writer, namespace: string, configHash: string): Promise<number> {
  const { items } = PodList.parse(await read(writer, podsPath(namespace), { labelSelector: POD_SELECTOR }));
  const stale = items.filter(
    ({ metadata }) => !metadata.deletionTimestamp && metadata.annotations?.[CONFIG_ANNOTATION] !== configHash,
  );
  await allEnded(stale.map(({ metadata }) => touch(writer, `${podsPath(namespace)}/${metadata.name}`, configHash)));
  return stale.length;
}

async function touch(writer: Writer, path: string, configHash: string): Promise<void> {
  const body = { metadata: { annotations: { [CONFIG_ANNOTATION]: configHash } } };
  const request = { method: "PATCH" as const, path, contentType: "application/merge-patch+json", body };
  // A pod that has ended needs nothing: its successor mounts the new Secret anyway.
  await unless(isNotFound, () => write(writer, request));
}

import { namespaceOf } from "#schema/domain/ids.ts";
import { FENCE_ANNOTATION, MANAGED_BY, NAME } from "../desired/metadata.ts";
import type { SecretCheck } from "../driver.ts";
import type { KubeClient } from "./kube-client.ts";
import { isConflict, isFencedOff, isNotFound } from "./kube-error.ts";
import { collectionPath } from "./resource-path.ts";

/**
 * Checks without reading it whether a Secret is still the version that we wrote: an update that names a version
 * conflicts if another one is stored, and as a dry run it changes nothing. The answer holds only what was sent:
 * no data.
 */
export const secretCheckOn =
  (client: KubeClient, signal: AbortSignal): SecretCheck =>
  async ({ box_id, fence }, version) => {
    const namespace = namespaceOf(box_id);
    const labels = { "app.kubernetes.io/managed-by": MANAGED_BY };
    const metadata = { name: NAME, namespace, resourceVersion: version, labels };
    const annotations = { [FENCE_ANNOTATION]: String(fence) };
    const body = { apiVersion: "v1", kind: "Secret", metadata: { ...metadata, annotations } };
    const path = `${collectionPath("Secret", namespace)}/${NAME}`;
    try {
      await client.json({ method: "PUT", path, query: { dryRun: "All" }, body, signal });
      return false;
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) return true;
      // A newer holder is at work. Versions are compared before policies, so the version is the one that we wrote.
      if (isFencedOff(error)) return false;
      throw error;
    }
  };

import { retry } from "#cluster/system/retry.ts";
import type { ClusterSettings } from "#fleet-agent/config/cluster-settings.ts";
import { allObjects, boxObjects } from "#fleet-agent/drivers/desired/box-objects.ts";
import type { KubeObject } from "#fleet-agent/drivers/desired/kube-object.ts";
import { MANAGED_BY } from "#fleet-agent/drivers/desired/metadata.ts";
import type { KubeClient, KubeRequest } from "#fleet-agent/drivers/kube/kube-client.ts";
import { isNotFound, mayPass } from "#fleet-agent/drivers/kube/kube-error.ts";
import { collectionPath, objectPath } from "#fleet-agent/drivers/kube/resource-path.ts";
import type { DesiredBox } from "#schema/contracts/fleet.ts";

/**
 * What the API server itself takes: server-side apply of the very objects of a box, by as many hands as the agent has, and
 * nothing else. Nobody waits for pods, nobody reads.
 */
export async function plainApply(
  client: KubeClient,
  settings: ClusterSettings,
  boxes: readonly DesiredBox[],
  lanes: number,
): Promise<{ perMinute: number }> {
  const left = [...boxes];
  const startedAt = performance.now();
  const lane = async () => {
    for (let box = left.pop(); box; box = left.pop()) {
      const { namespace, ...rest } = boxObjects(box, settings);
      await apply(client, namespace);
      await Promise.all(
        allObjects({ namespace, ...rest })
          .slice(1)
          .map((object) => apply(client, object)),
      );
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return { perMinute: (boxes.length / (performance.now() - startedAt)) * 60_000 };
}

const RETRIES = { attempts: 6, floorMs: 100, capMs: 5_000, retryable: (e: unknown) => isNotFound(e) || mayPass(e) };

/** A Secret is posted: the agent has no right to patch one. */
const apply = (client: KubeClient, object: KubeObject): Promise<unknown> =>
  retry(RETRIES, () => client.json(object.kind === "Secret" ? posted(object) : applied(object)));

const applied = (body: KubeObject): KubeRequest => ({
  method: "PATCH",
  path: objectPath(body),
  query: { fieldManager: MANAGED_BY, force: "true" },
  contentType: "application/apply-patch+yaml",
  body,
});

const posted = (body: KubeObject): KubeRequest => ({
  method: "POST",
  path: collectionPath(body.kind, body.metadata.namespace),
  body,
});

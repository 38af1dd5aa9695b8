import type { WantedBox } from "#schema/contracts/wanted-box.ts";
import { namespaceOf } from "#schema/domain/ids.ts";
import type { ClusterSettings } from "../../config/cluster-settings.ts";
import { comparedObjects } from "../../drivers/desired/box-objects.ts";
import type { KubeObject } from "../../drivers/desired/kube-object.ts";
import { FENCE_ANNOTATION, MANAGED_BY, SECRET_VERSION_ANNOTATION } from "../../drivers/desired/metadata.ts";
import { writeFitting } from "../../drivers/kube/apply-volume.ts";
import type { KubeClient } from "../../drivers/kube/kube-client.ts";
import { isNotFound, unless } from "../../drivers/kube/kube-error.ts";
import { PRUNED, unwantedOf } from "../../drivers/kube/prune.ts";
import { collectionPath, objectPath } from "../../drivers/kube/resource-path.ts";
import { ObjectView, VolumeView } from "../../drivers/kube/views.ts";
import { changesBetween, type FieldChange } from "./changes-between.ts";
import { configDiffs } from "./config-diff.ts";

export interface ObjectDiff {
  kind: string;
  name: string;
  /** `unwanted`: in the cluster, but not desired. */
  state: "same" | "differs" | "missing" | "unwanted";
  changes: FieldChange[];
}

/**
 * A box's objects in the cluster against their desired state. Each is applied as a dry run, exactly as the agent would
 * apply it, and compared with the live one, so defaults, other writers' fields and another spelling of a quantity are no
 * drift. Needs the agent's rights. Of the Secret only hashes are compared.
 */
export async function diffBox(client: KubeClient, wanted: WantedBox, settings: ClusterSettings): Promise<ObjectDiff[]> {
  const namespace = namespaceOf(wanted.box_id);
  if (wanted.status === "destroyed" || wanted.config_hash === null) return namespaceThatShouldBeGone(client, namespace);
  const objects = comparedObjects(wanted, settings);
  const [own, unwanted, config] = await Promise.all([
    Promise.all(objects.map((object) => diffObject(client, object))),
    unwantedObjects(client, namespace, objects),
    configDiffs(client, namespace, wanted.config_hash),
  ]);
  return [...own, ...config, ...unwanted];
}

async function diffObject(client: KubeClient, object: KubeObject): Promise<ObjectDiff> {
  const { kind, metadata } = object;
  const there = await readIfThere(client, objectPath(object));
  if (there === undefined) return { kind, name: metadata.name, state: "missing", changes: [] };
  const changes = changesBetween(there, await asWritten(client, object, there));
  return { kind, name: metadata.name, state: changes.length > 0 ? "differs" : "same", changes };
}

/** What the agent would write now; a volume within the limits of its storage class. */
async function asWritten(client: KubeClient, object: KubeObject, there: unknown): Promise<unknown> {
  const write = (fitting: KubeObject) => dryRun(client, asStampedOn(there, fitting));
  if (object.kind !== "PersistentVolumeClaim") return write(object);
  return (await writeFitting(object, VolumeView.parse(there), write)).answer;
}

/** An older fence may not replace the stored one. Only a write of the Secret knows its version. */
function asStampedOn(there: unknown, object: KubeObject): KubeObject {
  const before = ObjectView.parse(there).metadata.annotations ?? {};
  const version = before[SECRET_VERSION_ANNOTATION];
  const stamps = {
    [FENCE_ANNOTATION]: before[FENCE_ANNOTATION] ?? "0",
    ...(version && { [SECRET_VERSION_ANNOTATION]: version }),
  };
  const annotations = { ...object.metadata.annotations, ...stamps };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

const dryRun = (client: KubeClient, object: KubeObject): Promise<unknown> =>
  client.json({
    method: "PATCH",
    path: objectPath(object),
    query: { fieldManager: MANAGED_BY, force: "true", fieldValidation: "Strict", dryRun: "All" },
    contentType: "application/apply-patch+yaml",
    body: object,
  });

const readIfThere = (client: KubeClient, path: string): Promise<unknown> =>
  unless(isNotFound, () => client.json({ method: "GET", path }));

async function namespaceThatShouldBeGone(client: KubeClient, namespace: string): Promise<ObjectDiff[]> {
  const there = await readIfThere(client, `${collectionPath("Namespace")}/${namespace}`);
  return there === undefined ? [] : [{ kind: "Namespace", name: namespace, state: "unwanted", changes: [] }];
}

async function unwantedObjects(client: KubeClient, namespace: string, objects: readonly KubeObject[]) {
  const found = await Promise.all(
    PRUNED.map(async (kind) => {
      const list = await client.json({ method: "GET", path: collectionPath(kind, namespace) });
      return unwantedOf(kind, list, objects).map(
        ({ metadata }): ObjectDiff => ({ kind, name: metadata.name, state: "unwanted", changes: [] }),
      );
    }),
  );
  return found.flat();
}

import { type ClusterSettings, KUBE_DNS, TELEGRAM } from "#fleet-agent/config/cluster-settings.ts";
import { allObjects, boxObjects } from "#fleet-agent/drivers/desired/box-objects.ts";
import type { KubeObject } from "#fleet-agent/drivers/desired/kube-object.ts";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import { namespaceOf } from "#schema/domain/ids.ts";
import { applying, type KubeAccess, making, openKubeAccess, refusalOf } from "./kube-access.ts";

export const SETTINGS: ClusterSettings = {
  image: "localhost/openclaw-cloud/gateway:none",
  imagePullPolicy: "Never",
  edge: [{ cidr: "203.0.113.0/24", except: [], port: 443 }],
  telegram: TELEGRAM,
  dns: KUBE_DNS,
};

/** JSON of which a test changes any part. */
// biome-ignore lint/suspicious/noExplicitAny: a tree of JSON that is broken on purpose has no type
export type Tree = any;

/** A box on the real API server, written with the agent's own token; nothing waits for its pod. */
export interface WrittenBox {
  kube: KubeAccess;
  objects: readonly KubeObject[];
  /** One of the box's objects as plain JSON, changed by `change`. */
  changed(kind: KubeObject["kind"], change: (object: Tree) => void): Tree;
  /** Null where the agent may write it, else the refusal. Nothing is kept. */
  tryAsAgent(object: Tree): Promise<string | null>;
  remove(): Promise<void>;
}

export const objectsOf = (box: DesiredBox): KubeObject[] => allObjects(boxObjects(box, SETTINGS));

export async function writeBox(box: DesiredBox): Promise<WrittenBox> {
  const kube = await openKubeAccess();
  const namespace = namespaceOf(box.box_id);
  const objects = objectsOf(box);
  for (const object of objects) await kube.agent.json(object.kind === "Secret" ? making(object) : applying(object));
  return {
    kube,
    objects,
    changed(kind, change) {
      const object: Tree = JSON.parse(JSON.stringify(objects.find((candidate) => candidate.kind === kind)));
      change(object);
      return object;
    },
    tryAsAgent: (object) => refusalOf(kube.agent, applying(object, true)),
    async remove() {
      await kube.admin.json({ method: "DELETE", path: `/api/v1/namespaces/${namespace}` });
      await kube.close();
    },
  };
}

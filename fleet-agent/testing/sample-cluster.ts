import type { ListedBox } from "#schema/contracts/comparison.ts";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import { namespaceOf } from "#schema/domain/ids.ts";
import type { ClusterSettings } from "../config/cluster-settings.ts";
import { KUBE_DNS, TELEGRAM } from "../config/cluster-settings.ts";
import type { ClusterView } from "../drivers/cluster-view.ts";
import { allObjects, boxObjects } from "../drivers/desired/box-objects.ts";
import type { KubeObject } from "../drivers/desired/kube-object.ts";
import { type Kind, type SeenObject, seenObjectView } from "../drivers/kube/seen-object.ts";

export const SETTINGS: ClusterSettings = {
  image: "gateway@sha256:1",
  imagePullPolicy: "IfNotPresent",
  edge: [{ cidr: "203.0.113.0/24", except: [], port: 443 }],
  telegram: TELEGRAM,
  dns: KUBE_DNS,
};

/** A box as the edge lists it. */
export function listedBox(
  { customer_id: _, config: __, ...box }: DesiredBox,
  more: Partial<ListedBox> = {},
): ListedBox {
  return { ...box, observed_generation: box.generation, busy: false, ...more };
}

/** How the API server shows an object that was applied: with the fields' owner, and a default where it has one. */
export function stored(object: KubeObject): Record<string, unknown> {
  const managedFields = [
    { manager: "fleet-agent", operation: "Apply", fieldsV1: "data" in object ? { "f:data": {} } : {} },
  ];
  const metadata = { ...object.metadata, uid: crypto.randomUUID(), resourceVersion: "1", managedFields };
  const spec = "spec" in object ? { defaulted: true, ...object.spec } : undefined;
  return { ...object, metadata, ...(spec && { spec }) };
}

/** A cluster in memory, whose objects a test changes. */
export interface SampleCluster extends ClusterView {
  /** As the fleet-agent would leave it. */
  put(box: DesiredBox): void;
  /** Changes one object as somebody would by hand; undefined removes it. */
  change(kind: Kind, boxId: string, change: ((object: Record<string, unknown>) => object) | undefined): void;
  /** What somebody has put beside a box's objects, by its id. */
  others: Map<string, string[]>;
  whole: boolean;
}

export function sampleCluster(settings: ClusterSettings = SETTINGS): SampleCluster {
  const raw = new Map<string, Record<string, unknown>>();
  const seen = new Map<string, SeenObject>();
  let listener: (boxId: string) => void = () => undefined;
  const write = (kind: Kind, boxId: string, object: Record<string, unknown> | undefined) => {
    const key = `${kind} ${boxId}`;
    if (object) seen.set(key, seenObjectView(kind, (text) => text).parse(object));
    else seen.delete(key);
    if (object) raw.set(key, object);
    else raw.delete(key);
    listener(boxId);
  };
  const cluster: SampleCluster = {
    whole: true,
    others: new Map(),
    foreign: (boxId) => cluster.others.get(boxId) ?? [],
    isWhole: () => cluster.whole,
    boxIds: () => [...seen].flatMap(([key, { boxId }]) => (key.startsWith("Namespace ") && boxId ? [boxId] : [])),
    object: (kind, boxId) => seen.get(`${kind} ${boxId}`),
    onChange: (listen) => {
      listener = listen;
    },
    tidy: () => undefined,
    put: (box) => {
      for (const object of allObjects(boxObjects(box, settings))) write(object.kind, box.box_id, stored(object));
    },
    change: (kind, boxId, change) => {
      const before = raw.get(`${kind} ${boxId}`);
      if (!before) throw new Error(`${namespaceOf(boxId)} has no ${kind}`);
      write(kind, boxId, change && { ...before, ...change(before) });
    },
  };
  return cluster;
}

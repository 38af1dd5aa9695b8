/** Everything that stands in a box's namespace, without what differs from box to box and from try to try. */
import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { FENCE_ANNOTATION } from "#fleet-agent/drivers/desired/metadata.ts";
import type { KubeClient } from "#fleet-agent/drivers/kube/kube-client.ts";
import { until } from "./until.ts";

const KINDS = [
  "/api/v1/namespaces/*/resourcequotas",
  "/api/v1/namespaces/*/limitranges",
  "/api/v1/namespaces/*/serviceaccounts",
  "/api/v1/namespaces/*/secrets",
  "/api/v1/namespaces/*/configmaps",
  "/api/v1/namespaces/*/persistentvolumeclaims",
  "/api/v1/namespaces/*/pods",
  "/apis/apps/v1/namespaces/*/deployments",
  "/apis/apps/v1/namespaces/*/replicasets",
  "/apis/networking.k8s.io/v1/namespaces/*/networkpolicies",
];

const Listed = z.object({ items: z.array(z.record(z.string(), z.unknown())) });

type Objects = Record<string, unknown>;

export interface BoxObjects {
  /** By the agent, which a job waits for: each bears a fence. */
  written: Objects;
  /**
   * By Kubernetes' controllers, each in its own time: pods, replica sets, the default account, the cluster's authority. And
   * whatever else is there: what nobody should have made is found here, too.
   */
  made: Objects;
}

/** By place and name; the names of pods and replica sets, which end in chance, are counted instead. */
async function boxObjectsOf(client: KubeClient, namespace: string): Promise<BoxObjects> {
  const lists = await Promise.all(
    KINDS.map(async (kind) => {
      const { items } = Listed.parse(await client.json({ method: "GET", path: kind.replace("*", namespace) }));
      return items.map((item, i) => ({ place: `${kind} ${nameOf(item) ?? i}`, item }));
    }),
  );
  const space = await client.json({ method: "GET", path: `/api/v1/namespaces/${namespace}` });
  const all = [{ place: "namespace", item: space }, ...lists.flat()];
  const those = (byAgent: boolean): Objects =>
    Object.fromEntries(
      all.filter(({ item }) => isFenced(item) === byAgent).map(({ place, item }) => [place, normal(item)]),
    );
  return { written: those(true), made: those(false) };
}

const CONTROLLERS_MS = 60_000;

/** What controllers make of a box with one pod, and nobody waits for. */
const SURELY_MADE = ["serviceaccounts default", "configmaps kube-root-ca.crt", "replicasets 0", "pods 0"];

const isComplete = (made: Objects): boolean =>
  SURELY_MADE.every((place) => Object.keys(made).some((key) => key.endsWith(`/${place}`)));

/**
 * What stands there once the controllers are done: once they have made what they made of `clean`, if that is given; or after a
 * minute. What the agent wrote is taken from the first look: nothing of that may come late.
 */
export async function settledObjectsOf(client: KubeClient, namespace: string, clean?: BoxObjects): Promise<BoxObjects> {
  const { written, made } = await boxObjectsOf(client, namespace);
  const isSettled = () => (clean ? isDeepStrictEqual(now, clean.made) : isComplete(now));
  let now = made;
  const settled = async () => {
    if (isSettled()) return true;
    now = (await boxObjectsOf(client, namespace)).made;
    return false;
  };
  // What is still missing then shows in the comparison.
  await until("the controllers to be done", settled, CONTROLLERS_MS).catch(() => undefined);
  return { written, made: now };
}

const Named = z.object({ metadata: z.object({ name: z.string(), generateName: z.string().optional() }) });

/** A replica set's name ends in a hash: a number of 32 bits, its digits written in `4-9bcdf`, so one to ten of them. */
function nameOf(item: unknown): string | undefined {
  const { name, generateName } = Named.parse(item).metadata;
  return generateName === undefined && !/-[4-9bcdf]{1,10}$/.test(name) ? name : undefined;
}

const Fenced = z.object({
  metadata: z.object({
    annotations: z.record(z.string(), z.string()).optional(),
    ownerReferences: z.array(z.unknown()).optional(),
  }),
});

/** A replica set has the annotations of its Deployment, and an owner. */
function isFenced(item: unknown): boolean {
  const { annotations, ownerReferences } = Fenced.parse(item).metadata;
  return annotations?.[FENCE_ANNOTATION] !== undefined && ownerReferences === undefined;
}

/** What the API server and controllers add by themselves, and what says which try this was. */
const LEFT_OUT = new Set([
  "uid",
  "resourceVersion",
  "creationTimestamp",
  "generateName",
  "generation",
  "managedFields",
  "status",
  "ownerReferences",
  "finalizers",
  "fleet/fence",
  "fleet/generation",
  "fleet/secret-version",
  // On a pod: whether it was notified of a configuration or started with it.
  "fleet/config-hash",
  "pod-template-hash",
  // On a claim, once a volume is bound to it.
  "volumeName",
  "pv.kubernetes.io/bind-completed",
  "pv.kubernetes.io/bound-by-controller",
  "volume.kubernetes.io/storage-provisioner",
  "volume.beta.kubernetes.io/storage-provisioner",
  "volume.kubernetes.io/selected-node",
]);

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const HASH = /\b[0-9a-f]{64}\b/g;

function normal(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => normal(item));
  if (typeof value === "string") return key === "box.json" ? decoded(value) : withoutIds(value);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => !LEFT_OUT.has(name));
  return Object.fromEntries(entries.map(([name, own]) => [name, normal(own, name)]));
}

const withoutIds = (text: string): string =>
  text
    .replaceAll(ID, "<id>")
    .replaceAll(HASH, "<hash>")
    .replace(/gateway-[4-9bcdf]{1,10}(-[0-9a-z]{5})?$/, "gateway-<chance>");

const OWN = new Set(["token", "bot_token", "gateway_token", "generation"]);

/** The configuration, with a box's own secrets as their lengths. */
function decoded(base64: string): unknown {
  const own = (name: string, value: unknown) => (OWN.has(name) ? String(value).length : value);
  return normal(JSON.parse(Buffer.from(base64, "base64").toString(), own));
}

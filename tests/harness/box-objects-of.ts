/** Everything that stands in a box's namespace, without what differs from box to box and from try to try. */
import * as z from "zod";
import type { KubeClient } from "#fleet-agent/kube/kube-client.ts";

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

/** By place and name; the names of pods and replica sets, which end in chance, are counted instead. */
export async function boxObjectsOf(client: KubeClient, namespace: string): Promise<Record<string, unknown>> {
  const lists = await Promise.all(
    KINDS.map(async (kind) => {
      const path = kind.replace("*", namespace);
      const { items } = Listed.parse(await client.json({ method: "GET", path }));
      return items.map((item, i) => [`${kind} ${nameOf(item) ?? i}`, normal(item)]);
    }),
  );
  const space = await client.json({ method: "GET", path: `/api/v1/namespaces/${namespace}` });
  return Object.fromEntries([["namespace", normal(space)], ...lists.flat()]);
}

const Named = z.object({ metadata: z.object({ name: z.string(), generateName: z.string().optional() }) });

function nameOf(item: unknown): string | undefined {
  const { name, generateName } = Named.parse(item).metadata;
  return generateName === undefined && !/-[0-9a-f]{8,10}$/.test(name) ? name : undefined;
}

/** What the API server adds by itself, and what says which try this was. */
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
  // On a pod: whether it was told of a configuration, or has started with it.
  "fleet/config-hash",
  "pod-template-hash",
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
    .replace(/gateway-[0-9a-z]{8,10}(-[0-9a-z]{5})?$/, "gateway-<chance>");

const OWN = new Set(["token", "bot_token", "gateway_token", "generation"]);

/** The configuration, with a box's own secrets as their lengths. */
function decoded(base64: string): unknown {
  const own = (name: string, value: unknown) => (OWN.has(name) ? String(value).length : value);
  return normal(JSON.parse(Buffer.from(base64, "base64").toString(), own));
}

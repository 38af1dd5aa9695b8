import * as z from "zod";
import type { ClusterSettings } from "../../config/cluster-settings.ts";
import type { KubeClient } from "../../drivers/kube/kube-client.ts";
import { isForbidden, unless } from "../../drivers/kube/kube-error.ts";
import { PodList } from "../../drivers/kube/views.ts";
import { type Finding, fail, ok, skipped, warn } from "./finding.ts";

const Version = z.object({ gitVersion: z.string(), major: z.string(), minor: z.string() });
/** ValidatingAdmissionPolicy is part of Kubernetes since 1.30; the functions for address ranges in it since 1.31. */
const OLDEST_MINOR = 31;

export async function versionCheck(client: KubeClient): Promise<Finding[]> {
  const { gitVersion, major, minor } = Version.parse(await client.json({ method: "GET", path: "/version" }));
  if (Number(major) > 1 || Number.parseInt(minor, 10) >= OLDEST_MINOR)
    return [ok("cluster", `Kubernetes ${gitVersion}`)];
  return [
    fail(
      "cluster",
      `Kubernetes ${gitVersion}`,
      `1.${OLDEST_MINOR} or later is needed: before, the admission policies can not be installed.`,
    ),
  ];
}

const DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class";
const Classes = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), annotations: z.record(z.string(), z.string()).default({}) }),
      allowVolumeExpansion: z.boolean().default(false),
    }),
  ),
});

/** Whether there is a storage class for boxes' memory. */
export async function storageCheck(client: KubeClient, { storageClass }: ClusterSettings): Promise<Finding[]> {
  const path = "/apis/storage.k8s.io/v1/storageclasses";
  const list = await unless(isForbidden, () => client.json({ method: "GET", path }));
  if (list === undefined)
    return [skipped("storage class", "this identity may not list storage classes", AS_ADMINISTRATOR)];
  const { items } = Classes.parse(list);
  const defaults = items.filter(({ metadata }) => metadata.annotations[DEFAULT_CLASS] === "true");
  const chosen = storageClass ? items.find(({ metadata }) => metadata.name === storageClass) : defaults[0];
  const known = items.map(({ metadata }) => metadata.name).join(", ") || "none";
  if (!chosen) {
    const what = storageClass ? `STORAGE_CLASS ${storageClass} is not there` : "no class is the default";
    return [fail("storage class", what, `There is: ${known}. Set STORAGE_CLASS to one of them.`)];
  }
  if (!storageClass && defaults.length > 1) {
    return [
      warn("storage class", `${defaults.length} classes are the default`, `Set STORAGE_CLASS. There is: ${known}.`),
    ];
  }
  const { name } = chosen.metadata;
  if (chosen.allowVolumeExpansion) return [ok("storage class", `${name}, can grow volumes`)];
  return [
    warn("storage class", `${name} can't grow volumes`, "A box that gets a bigger plan keeps its volume's size."),
  ];
}

const Namespaces = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });

/** Whether DNS_SELECTOR finds a running resolver: boxes reach no other. */
export async function resolverCheck(client: KubeClient, { dns }: ClusterSettings): Promise<Finding[]> {
  const namespaces = Namespaces.parse(
    await client.json({
      method: "GET",
      path: "/api/v1/namespaces",
      query: { labelSelector: selectorOf(dns.namespace) },
    }),
  );
  const found = await Promise.all(
    namespaces.items.map(async ({ metadata }) => {
      const path = `/api/v1/namespaces/${metadata.name}/pods`;
      return PodList.parse(await client.json({ method: "GET", path, query: { labelSelector: selectorOf(dns.pod) } }))
        .items;
    }),
  );
  const pods = found.flat();
  const ready = pods.filter(({ status }) =>
    status.conditions.some(({ type, status: is }) => type === "Ready" && is === "True"),
  );
  const selector = `${selectorOf(dns.namespace)} / ${selectorOf(dns.pod)}`;
  if (ready.length > 0) return [ok("resolver", `${ready.length} pods ready (${selector})`)];
  const detail =
    pods.length > 0 ? `none of its ${pods.length} pods is ready (${selector})` : `no pod has the labels ${selector}`;
  return [
    fail(
      "resolver",
      detail,
      "Boxes could not resolve names. Set DNS_SELECTOR to the labels of the cluster's resolver.",
    ),
  ];
}

const selectorOf = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(",");

/** Whether a network plugin enforces policies can't be seen from outside; a box tests it before it starts. */
export function policyCheck({ egressGate }: ClusterSettings): Finding[] {
  if (egressGate === "off") {
    const todo = "Set EGRESS_GATE to on, unless all boxes are your own.";
    return [warn("network policies", "EGRESS_GATE is off: a box starts whether or not its policy is enforced", todo)];
  }
  return [
    warn(
      "network policies",
      "whether the cluster enforces them can't be seen from outside; a box starts nothing before its own is in force",
      "If boxes never become ready, see docs/runbooks/box-wont-start.md.",
    ),
  ];
}

export const AS_ADMINISTRATOR = "Run doctor as an administrator to have it checked.";

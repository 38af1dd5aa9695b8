import type { DesiredBox } from "#schema/contracts/fleet.ts";
import type { Namespace, ServiceAccount } from "./kube-object.ts";
import { metadata, namespaceMetadata } from "./metadata.ts";

/** Pinned: a newer cluster must not change what a box may do, nor refuse one that ran yesterday. */
const POD_SECURITY_VERSION = "v1.33";

export function namespace(box: DesiredBox): Namespace {
  const { labels, ...rest } = namespaceMetadata(box);
  const podSecurity: Record<string, string> = {};
  for (const mode of ["enforce", "audit", "warn"]) {
    podSecurity[`pod-security.kubernetes.io/${mode}`] = "restricted";
    podSecurity[`pod-security.kubernetes.io/${mode}-version`] = POD_SECURITY_VERSION;
  }
  return { apiVersion: "v1", kind: "Namespace", metadata: { ...rest, labels: { ...labels, ...podSecurity } } };
}

/** An identity without any right, and without a token to use it. */
export const serviceAccount = (box: DesiredBox): ServiceAccount => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: metadata(box),
  automountServiceAccountToken: false,
});

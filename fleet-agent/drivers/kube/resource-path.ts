import type { KubeObject } from "../desired/kube-object.ts";

type Kind = KubeObject["kind"];

/** The API path of each kind of a box's objects. A new kind without one doesn't compile. */
const COLLECTIONS: Readonly<Record<Kind, { root: string; plural: string }>> = {
  Namespace: { root: "/api/v1", plural: "namespaces" },
  ResourceQuota: { root: "/api/v1", plural: "resourcequotas" },
  LimitRange: { root: "/api/v1", plural: "limitranges" },
  ServiceAccount: { root: "/api/v1", plural: "serviceaccounts" },
  Secret: { root: "/api/v1", plural: "secrets" },
  PersistentVolumeClaim: { root: "/api/v1", plural: "persistentvolumeclaims" },
  NetworkPolicy: { root: "/apis/networking.k8s.io/v1", plural: "networkpolicies" },
  Deployment: { root: "/apis/apps/v1", plural: "deployments" },
};

/** `/api/v1/namespaces/customer-…/secrets` */
export function collectionPath(kind: Kind, namespace?: string): string {
  const { root, plural } = COLLECTIONS[kind];
  return namespace ? `${root}/namespaces/${namespace}/${plural}` : `${root}/${plural}`;
}

export const objectPath = ({ kind, metadata }: KubeObject): string =>
  `${collectionPath(kind, metadata.namespace)}/${metadata.name}`;

export const podsPath = (namespace?: string): string =>
  namespace ? `/api/v1/namespaces/${namespace}/pods` : "/api/v1/pods";

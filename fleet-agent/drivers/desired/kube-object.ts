import type {
  V1Deployment,
  V1Namespace,
  V1NetworkPolicy,
  V1PersistentVolumeClaim,
  V1ResourceQuota,
  V1Secret,
  V1ServiceAccount,
} from "@kubernetes/client-node";

export interface ObjectMetadata {
  name: string;
  namespace?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** A Kubernetes object as the JSON that is sent: the library's types check its fields, its serializer isn't used. */
type As<K extends string, V extends string, T> = Omit<T, "kind" | "apiVersion" | "metadata"> & {
  apiVersion: V;
  kind: K;
  metadata: ObjectMetadata;
};

export type Namespace = As<"Namespace", "v1", V1Namespace>;
export type ResourceQuota = As<"ResourceQuota", "v1", V1ResourceQuota>;
/** Our own type, because the library calls the field `default` `_default` and only its serializer corrects that. */
export type LimitRange = As<"LimitRange", "v1", { spec: { limits: LimitRangeItem[] } }>;
type LimitRangeItem = { type: string } & Record<"max" | "default" | "defaultRequest", Record<string, string>>;
export type NetworkPolicy = As<"NetworkPolicy", "networking.k8s.io/v1", V1NetworkPolicy>;
export type ServiceAccount = As<"ServiceAccount", "v1", V1ServiceAccount>;
export type Secret = As<"Secret", "v1", V1Secret>;
export type Volume = As<"PersistentVolumeClaim", "v1", V1PersistentVolumeClaim>;
export type Deployment = As<"Deployment", "apps/v1", V1Deployment>;

export type KubeObject =
  | Namespace
  | ResourceQuota
  | LimitRange
  | NetworkPolicy
  | ServiceAccount
  | Secret
  | Volume
  | Deployment;

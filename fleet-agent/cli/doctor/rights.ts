/** A right in the cluster: what a SubjectAccessReview asks for. */
export interface Right {
  group: string;
  resource: string;
  verb: string;
  subresource?: string;
  namespace?: string;
  name?: string;
}

const rights = (
  group: string,
  resources: readonly string[],
  verbs: readonly string[],
  more: Partial<Right> = {},
): Right[] => resources.flatMap((resource) => verbs.map((verb) => ({ group, resource, verb, ...more })));

const WATCHED = ["get", "list", "watch", "create", "patch", "delete"];

/** What the agent needs everywhere; the same as cluster/manifests/rbac.yaml, which a test compares. */
export const NEEDED: readonly Right[] = [
  ...rights("", ["namespaces"], WATCHED),
  ...rights("", ["resourcequotas", "limitranges", "serviceaccounts"], WATCHED),
  ...rights("networking.k8s.io", ["networkpolicies"], WATCHED),
  ...rights("apps", ["deployments"], WATCHED),
  ...rights("", ["persistentvolumeclaims"], ["get", "list", "watch", "create", "patch"]),
  ...rights("", ["secrets"], ["create"]),
  ...rights("", ["secrets"], ["update"], { name: "gateway" }),
  ...rights("", ["nodes"], ["get", "list", "watch"]),
  ...rights("", ["pods"], ["get", "list", "watch", "patch"]),
  ...rights("", ["pods"], ["get"], { subresource: "proxy" }),
];

/** Dangerous rights: with any of these, one leaked token compromises the whole cluster. */
export const FORBIDDEN: readonly Right[] = [
  // The answer to a patch is the whole object, so it is a read, too.
  ...rights("", ["secrets"], ["get", "list", "watch", "patch"]),
  ...rights("", ["secrets"], ["get", "list", "watch", "patch"], { name: "gateway" }),
  ...rights("", ["pods"], ["create"], { subresource: "exec" }),
  ...rights("", ["pods"], ["create"], { subresource: "attach" }),
  ...rights("", ["pods"], ["create"], { subresource: "proxy" }),
  ...rights("", ["nodes"], ["get"], { subresource: "proxy" }),
  ...rights("", ["serviceaccounts"], ["create"], { subresource: "token" }),
  ...rights("", ["users", "groups", "serviceaccounts"], ["impersonate"]),
  ...rights("rbac.authorization.k8s.io", ["clusterroles"], ["bind", "escalate"]),
  ...rights("rbac.authorization.k8s.io", ["clusterrolebindings"], ["create", "patch"]),
  ...rights("admissionregistration.k8s.io", ["validatingadmissionpolicies"], ["patch", "delete"]),
];

export const wordsOf = ({ verb, resource, subresource, name }: Right): string =>
  `${verb} ${resource}${subresource ? `/${subresource}` : ""}${name ? ` "${name}"` : ""}`;

import type { KubeRequest } from "./kube-client.ts";

/** A request's metric labels, in the API server's terms and with few values. */
export interface RequestLabels {
  verb: "get" | "list" | "watch" | "create" | "update" | "apply" | "patch" | "delete";
  /** The plural of the kind, such as `pods`. */
  resource: string;
}

/** `/api/v1/namespaces/customer-…/pods/gateway-…` and the like: the group's root, perhaps a namespace, a plural, perhaps a name. */
const PATH = /^\/(?:api\/v1|apis\/[^/]+\/[^/]+)(?:\/namespaces\/[^/]+(?=\/))?\/([a-z]+)(\/[^/]+)?/;

export function requestLabels({ method, path, query, contentType }: KubeRequest): RequestLabels {
  const [, resource = "other", name] = PATH.exec(path) ?? [];
  if (method === "GET") return { resource, verb: name ? "get" : query?.watch ? "watch" : "list" };
  if (method === "PATCH") return { resource, verb: contentType?.includes("apply-patch") ? "apply" : "patch" };
  return { resource, verb: method === "POST" ? "create" : method === "PUT" ? "update" : "delete" };
}

import { expect, test } from "vitest";
import type { KubeRequest } from "./kube-client.ts";
import { requestLabels } from "./request-labels.ts";

const CASES: [KubeRequest, string][] = [
  [{ method: "GET", path: "/api/v1/pods" }, "list pods"],
  [{ method: "GET", path: "/api/v1/pods", query: { watch: "1" } }, "watch pods"],
  [{ method: "GET", path: "/api/v1/namespaces/customer-1" }, "get namespaces"],
  [{ method: "DELETE", path: "/api/v1/namespaces/customer-1" }, "delete namespaces"],
  [{ method: "GET", path: "/api/v1/namespaces/customer-1/pods" }, "list pods"],
  [{ method: "PATCH", path: "/api/v1/namespaces/customer-1/pods/gateway-1" }, "patch pods"],
  [
    {
      method: "PATCH",
      path: "/apis/apps/v1/namespaces/customer-1/deployments/gateway",
      contentType: "application/apply-patch+yaml",
    },
    "apply deployments",
  ],
  [{ method: "POST", path: "/apis/coordination.k8s.io/v1/namespaces/fleet-system/leases" }, "create leases"],
  [{ method: "PUT", path: "/apis/coordination.k8s.io/v1/namespaces/fleet-system/leases/a" }, "update leases"],
  [{ method: "GET", path: "/version" }, "list other"],
];

test.each(CASES)("%o is told by its verb and its kind, never by a name", (request, expected) => {
  const { verb, resource } = requestLabels(request);
  expect(`${verb} ${resource}`).toBe(expected);
});

import { FENCE_ANNOTATION, MANAGED_BY } from "../../drivers/desired/metadata.ts";
import type { KubeClient } from "../../drivers/kube/kube-client.ts";
import { isFencedOff, isForbidden, isNotFound, KubeError, unless } from "../../drivers/kube/kube-error.ts";
import { ObjectList } from "../../drivers/kube/views.ts";
import { type Finding, fail, ok, skipped } from "./finding.ts";
import { ADMINISTRATOR_OR_AGENT, AGENT_USER } from "./rights-check.ts";

const POLICIES = [
  "fleet-fence",
  "fleet-workloads",
  "fleet-images",
  "fleet-foreign",
  "fleet-egress",
  "fleet-program",
  "fleet-bounds",
];
const API = "/apis/admissionregistration.k8s.io/v1";
const TODO = "kubectl apply -f cluster/manifests/admission";

/** Whether the admission policies are installed and refuse what they must: tested with dry runs, which change nothing. */
export async function admissionCheck(client: KubeClient, me: string): Promise<Finding[]> {
  return Promise.all([installedCheck(client), boundsCheck(client, me), fenceCheck(client)]);
}

async function installedCheck(client: KubeClient): Promise<Finding> {
  const looking = POLICIES.map(async (name) => ({
    name,
    whole:
      (await isThere(client, `validatingadmissionpolicies/${name}`)) &&
      (await isThere(client, `validatingadmissionpolicybindings/${name}`)),
  }));
  const there = await unless(isForbidden, () => Promise.all(looking));
  if (!there) return skipped("admission policies", "this identity may not read them; that they refuse is tried below");
  const missing = there.filter(({ whole }) => !whole).map(({ name }) => name);
  if (missing.length > 0) return fail("admission policies", `missing, or not bound: ${missing.join(", ")}`, TODO);
  return ok("admission policies", POLICIES.join(", "));
}

async function isThere(client: KubeClient, path: string): Promise<boolean> {
  return (await unless(isNotFound, () => client.json({ method: "GET", path: `${API}/${path}` }))) !== undefined;
}

/** A namespace that is not a box's, requested as the agent: RBAC would allow it, the policy must not. */
async function boundsCheck(client: KubeClient, me: string): Promise<Finding> {
  const name = "policy: only namespaces of boxes";
  const body = { apiVersion: "v1", kind: "Namespace", metadata: { name: "fleet-doctor-probe" } };
  // A service account's groups come with its name.
  const headers = me === AGENT_USER ? undefined : { "impersonate-user": AGENT_USER };
  try {
    await client.json({ method: "POST", path: "/api/v1/namespaces", query: { dryRun: "All" }, body, headers });
    return fail(name, "the agent could make any namespace", TODO);
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    if (error.message.includes("namespaces of boxes only")) return ok(name, "another one is refused");
    if (error.message.includes("impersonate"))
      return skipped(name, `${me} may not try it as the agent`, ADMINISTRATOR_OR_AGENT);
    return fail(name, `refused, but by something else: ${error.message}`, TODO);
  }
}

/** An older fence on an existing box. */
async function fenceCheck(client: KubeClient): Promise<Finding> {
  const name = "policy: no older fence";
  const query = { labelSelector: `app.kubernetes.io/managed-by=${MANAGED_BY}`, limit: "1" };
  const { items } = ObjectList.parse(await client.json({ method: "GET", path: "/api/v1/namespaces", query }));
  const [box] = items;
  if (!box) return skipped(name, "there is no box yet to try it on", "Run doctor again when there is one.");
  const body = { metadata: { annotations: { [FENCE_ANNOTATION]: "-1" } } };
  const path = `/api/v1/namespaces/${box.metadata.name}`;
  const contentType = "application/merge-patch+json";
  try {
    await client.json({ method: "PATCH", path, query: { dryRun: "All" }, contentType, body });
    return fail(name, "an agent that has lost its lease could still write", TODO);
  } catch (error) {
    if (isFencedOff(error)) return ok(name, "an older one is refused");
    throw error;
  }
}

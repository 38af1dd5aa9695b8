import * as z from "zod";
import type { KubeClient } from "../../drivers/kube/kube-client.ts";
import { isForbidden, unless } from "../../drivers/kube/kube-error.ts";
import { type Finding, fail, ok, skipped } from "./finding.ts";
import { FORBIDDEN, NEEDED, type Right, wordsOf } from "./rights.ts";

export const ADMINISTRATOR_OR_AGENT = "Run doctor as an administrator, or in the agent's pod.";
export const AGENT_USER = "system:serviceaccount:fleet-system:fleet-agent";
/** The groups of every service account, for access reviews of another one. */
const AGENT_GROUPS = ["system:serviceaccounts", "system:serviceaccounts:fleet-system", "system:authenticated"];

const Who = z.object({ status: z.object({ userInfo: z.object({ username: z.string() }) }) });
const Review = z.object({ status: z.object({ allowed: z.boolean() }) });
const API = "/apis/authorization.k8s.io/v1";

/** This program's identity in the cluster. */
export async function whoAmI(client: KubeClient): Promise<string> {
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
  const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
  return Who.parse(await client.json({ method: "POST", path, body })).status.userInfo.username;
}

/** Whether the agent's service account has all rights that it needs and no dangerous ones. */
export async function rightsCheck(client: KubeClient, me: string): Promise<Finding[]> {
  const may = (right: Right) => (me === AGENT_USER ? selfMay(client, right) : agentMay(client, right));
  const found = await unless(isForbidden, () => Promise.all([verdicts(NEEDED, may), verdicts(FORBIDDEN, may)]));
  if (!found) return [skipped("rights", `${me} may not ask what ${AGENT_USER} may do`, ADMINISTRATOR_OR_AGENT)];
  const [needed, forbidden] = found;
  return [judgeNeeded(needed), judgeForbidden(forbidden)];
}

interface Verdict {
  right: Right;
  allowed: boolean;
}

const verdicts = (rights: readonly Right[], may: (right: Right) => Promise<boolean>): Promise<Verdict[]> =>
  Promise.all(rights.map(async (right) => ({ right, allowed: await may(right) })));

function judgeNeeded(found: readonly Verdict[]): Finding {
  const missing = found.filter(({ allowed }) => !allowed).map(({ right }) => wordsOf(right));
  if (missing.length === 0) return ok("rights", `the agent has all ${found.length} that it needs`);
  return fail("rights", `the agent lacks: ${missing.join(", ")}`, "kubectl apply -f cluster/manifests/rbac.yaml");
}

function judgeForbidden(found: readonly Verdict[]): Finding {
  const held = found.filter(({ allowed }) => allowed).map(({ right }) => wordsOf(right));
  if (held.length === 0) return ok("rights that it must not have", `none of ${found.length}`);
  const todo = `Look for bindings of ${AGENT_USER} beside those of cluster/manifests.`;
  return fail("rights that it must not have", held.join(", "), todo);
}

async function selfMay(client: KubeClient, right: Right): Promise<boolean> {
  const spec = { resourceAttributes: right };
  const body = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", spec };
  return allowed(await client.json({ method: "POST", path: `${API}/selfsubjectaccessreviews`, body }));
}

async function agentMay(client: KubeClient, right: Right): Promise<boolean> {
  const spec = { user: AGENT_USER, groups: AGENT_GROUPS, resourceAttributes: right };
  const body = { apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec };
  return allowed(await client.json({ method: "POST", path: `${API}/subjectaccessreviews`, body }));
}

const allowed = (review: unknown): boolean => Review.parse(review).status.allowed;

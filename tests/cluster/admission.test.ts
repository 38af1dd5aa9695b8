/** What the agent's service account may do on a real API server, and what it may not: RBAC and the admission policies. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KubeObject } from "#fleet-agent/drivers/desired/kube-object.ts";
import type { KubeRequest } from "#fleet-agent/drivers/kube/kube-client.ts";
import { collectionPath } from "#fleet-agent/drivers/kube/resource-path.ts";
import { sampleBox } from "#fleet-agent/testing/sample-box.ts";
import { namespaceOf, newId } from "#schema/domain/ids.ts";
import { applying, type KubeAccess, making, mayRemove, refusalOf } from "#tests/harness/kube-access.ts";
import { type Tree, type WrittenBox, writeBox } from "#tests/harness/written-box.ts";

type Json = Record<string, unknown>;

const box = sampleBox({ status: "suspended" });
const namespace = namespaceOf(box.box_id);
let written: WrittenBox;
let kube: KubeAccess;
beforeAll(async () => {
  written = await writeBox(box);
  ({ kube } = written);
});
afterAll(() => written.remove());

const changed: WrittenBox["changed"] = (kind, change) => written.changed(kind, change);
const tryAsAgent: WrittenBox["tryAsAgent"] = (object) => written.tryAsAgent(object);

describe("the agent", () => {
  test("may apply every object of a box, again and again", async () => {
    for (const object of written.objects) expect(await tryAsAgent(object), object.kind).toBeNull();
  });

  test.each<[string, string]>([
    ["another name", "customer-of-mine"],
    ["a capital letter", namespace.toUpperCase().replace("CUSTOMER", "customer")],
    ["no name of ours", "kube-system"],
  ])("may not write a namespace with %s", async (_, name) => {
    const refusal = await tryAsAgent(changed("Namespace", (it) => Object.assign(it.metadata, { name })));
    expect(refusal).toMatch(/namespaces of boxes only|Invalid value/);
  });

  test.each<[string, Json]>([
    ["without Pod Security", { "pod-security.kubernetes.io/enforce": "privileged" }],
    ["with the weaker standard", { "pod-security.kubernetes.io/enforce": "baseline" }],
    ["with an older version of the standard", { "pod-security.kubernetes.io/enforce-version": "v1.0" }],
    ["without the label that policies go by", { "app.kubernetes.io/managed-by": "somebody" }],
  ])("may not have a box's namespace %s", async (_, labels) => {
    const name = namespaceOf(newId());
    const made = changed("Namespace", (it) => {
      Object.assign(it.metadata, { name });
      Object.assign(it.metadata.labels, labels);
    });
    expect(await tryAsAgent(made)).toContain("Pod Security restricted");
    expect(await tryAsAgent(changed("Namespace", (it) => Object.assign(it.metadata.labels, labels)))).toContain(
      "Pod Security restricted",
    );
  });

  test.each<KubeObject["kind"]>([
    "Secret",
    "Deployment",
    "NetworkPolicy",
    "ResourceQuota",
    "ServiceAccount",
    "PersistentVolumeClaim",
  ])("may not write a %s elsewhere", async (kind) => {
    for (const elsewhere of ["default", "kube-system", "fleet-system"]) {
      const object = changed(kind, (it) => Object.assign(it.metadata, { namespace: elsewhere }));
      expect(await refusalOf(kube.agent, making(object, true))).toMatch(/namespaces of boxes only|forbidden/i);
    }
  });

  test("may not read a Secret, not even that of a box: by no verb, and by no answer to a write", async () => {
    const canary = newId();
    const metadata = { name: `canary-${canary}` };
    const elsewhere = "/api/v1/namespaces/default/secrets";
    await kube.admin.json({ method: "POST", path: elsewhere, body: { metadata, stringData: { key: canary } } });
    const own = `/api/v1/namespaces/${namespace}/secrets`;
    for (const [all, one] of [
      [own, `${own}/gateway`],
      [elsewhere, `${elsewhere}/${metadata.name}`],
      ["/api/v1/secrets", `${own}/gateway`],
    ] as const) {
      const named = { fieldSelector: "metadata.name=gateway" };
      expect(await refusalOf(kube.agent, { method: "GET", path: all })).toMatch(/cannot list/);
      expect(await refusalOf(kube.agent, { method: "GET", path: all, query: named })).toMatch(/cannot list/);
      expect(await refusalOf(kube.agent, { method: "GET", path: all, query: { ...named, watch: "1" } })).toMatch(
        /cannot watch/,
      );
      expect(await refusalOf(kube.agent, { method: "GET", path: one })).toMatch(/cannot get/);
      const nothing: KubeRequest = {
        method: "PATCH",
        path: one,
        contentType: "application/merge-patch+json",
        body: {},
      };
      expect(await refusalOf(kube.agent, nothing)).toMatch(/cannot patch/);
    }
    const answer = await kube.agent.json(
      applying(
        changed("Secret", (it) => Object.assign(it, { data: {} })),
        true,
      ),
    );
    expect(answer).not.toHaveProperty("data.box.json");
    expect(JSON.stringify(answer)).not.toContain(Buffer.from(box.config?.gateway_token ?? "").toString("base64"));
    await kube.admin.json({ method: "DELETE", path: `${elsewhere}/${metadata.name}` });
  });

  test("may write no Secret of a box but the one that its gateway reads", async () => {
    const other = changed("Secret", (it) => Object.assign(it.metadata, { name: "other" }));
    expect(await refusalOf(kube.agent, making(other, true))).toContain("those that are named gateway");
  });

  test.each<[string, Json]>([
    ["run a command in a pod", { verb: "create", resource: "pods", subresource: "exec" }],
    ["send something to a pod", { verb: "create", resource: "pods", subresource: "proxy" }],
    ["open a port of a pod", { verb: "create", resource: "pods", subresource: "portforward" }],
    ["slip a container into a pod", { verb: "patch", resource: "pods", subresource: "ephemeralcontainers" }],
    ["take a service account's identity", { verb: "create", resource: "serviceaccounts", subresource: "token" }],
    ["be somebody else", { verb: "impersonate", resource: "users" }],
    ["give rights away", { verb: "create", resource: "rolebindings", group: "rbac.authorization.k8s.io" }],
    ["give itself rights", { verb: "escalate", resource: "clusterroles", group: "rbac.authorization.k8s.io" }],
    ["bind rights that it hasn't", { verb: "bind", resource: "clusterroles", group: "rbac.authorization.k8s.io" }],
    ["change nodes", { verb: "patch", resource: "nodes" }],
    ["open a service", { verb: "create", resource: "services" }],
    ["change the policies that bound it", { verb: "update", resource: "*", group: "admissionregistration.k8s.io" }],
    ["remove a box's memory", { verb: "delete", resource: "persistentvolumeclaims" }],
  ])("has no right to %s", async (_, question) => {
    const review = await kube.agent.json({
      method: "POST",
      path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      body: { spec: { resourceAttributes: { namespace, ...question } } },
    });
    expect(review).toMatchObject({ status: { allowed: false } });
  });

  test("may ask a box's pod for its status, and nothing else of it, nor any other pod", async () => {
    const asking = (path: string) => refusalOf(kube.agent, { method: "GET", path: `/api/v1/namespaces/${path}` });
    expect(await asking(`${namespace}/pods/gateway-x:8080/proxy/status`)).toContain("not found");
    for (const path of [
      `${namespace}/pods/gateway-x:8080/proxy/readyz`,
      `${namespace}/pods/gateway-x:8080/proxy/status/more`,
      `${namespace}/pods/gateway-x:18789/proxy/status`,
      `${namespace}/pods/gateway-x/proxy/status`,
      "kube-system/pods/coredns-x:8080/proxy/status",
    ])
      expect(await asking(path), path).toMatch(/may ask \/status at port 8080|in namespaces of boxes only/);
  });

  test.each<KubeObject["kind"]>(["NetworkPolicy", "ResourceQuota", "LimitRange", "ServiceAccount"])(
    "may not take away a box's %s",
    async (kind) => {
      const path = `${collectionPath(kind, namespace)}/gateway`;
      expect(await refusalOf(kube.agent, mayRemove(path))).toContain("go only with its namespace");
    },
  );

  test("may remove what an older version of it left behind, and the box as a whole", async () => {
    await kube.agent.json(applying(changed("NetworkPolicy", (it) => Object.assign(it.metadata, { name: "older" }))));
    const older = `${collectionPath("NetworkPolicy", namespace)}/older`;
    expect(await refusalOf(kube.agent, { method: "DELETE", path: older })).toBeNull();
    expect(await refusalOf(kube.agent, mayRemove(`/api/v1/namespaces/${namespace}`))).toBeNull();
    expect(await refusalOf(kube.agent, mayRemove("/api/v1/namespaces/fleet-system"))).toMatch(/boxes only/);
  });
});

describe("a box's network policy, as the agent may write it", () => {
  const TO_PODS = { namespaceSelector: { matchLabels: { a: "b" } }, podSelector: { matchLabels: { a: "b" } } };
  const tcp = (port: number) => [{ protocol: "TCP", port }];
  const block = (cidr: string, except?: string[]) => ({ to: [{ ipBlock: { cidr, except } }], ports: tcp(443) });

  test.each<[string, Json]>([
    ["lets something in", { ingress: [{}] }],
    ["selects some pods only", { podSelector: { matchLabels: { app: "openclaw-gateway" } } }],
    ["says nothing about what goes out", { policyTypes: ["Ingress"] }],
    ["lets everything out", { egress: [{}] }],
    ["lets everything out on a port", { egress: [{ ports: tcp(443) }] }],
    ["lets all ports out", { egress: [{ to: [{ ipBlock: { cidr: "203.0.113.0/24" } }] }] }],
    [
      "lets a range of ports out",
      {
        egress: [{ to: [{ ipBlock: { cidr: "203.0.113.9/32" } }], ports: [{ protocol: "TCP", port: 1, endPort: 9 }] }],
      },
    ],
    ["reaches the internet", { egress: [block("0.0.0.0/0")] }],
    ["reaches the internet but for the private part", { egress: [block("0.0.0.0/0", ["10.0.0.0/8"])] }],
    ["reaches half of it", { egress: [block("128.0.0.0/1")] }],
    ["reaches the internet by IPv6", { egress: [block("::/0")] }],
    ["reaches the metadata service", { egress: [block("169.254.169.254/32")] }],
    ["reaches the metadata service among others", { egress: [block("169.254.0.0/16")] }],
    ["reaches a private network", { egress: [block("10.96.0.0/12")] }],
    ["reaches a private network's corner", { egress: [block("192.168.1.0/24")] }],
    ["reaches unique local addresses", { egress: [block("fd00::/64")] }],
    ["reaches all pods", { egress: [{ to: [{ namespaceSelector: {} }], ports: tcp(53) }] }],
    ["reaches all pods of its namespace", { egress: [{ to: [{ podSelector: {} }], ports: tcp(53) }] }],
    ["reaches resolvers on more than port 53", { egress: [{ to: [TO_PODS], ports: tcp(9153) }] }],
  ])("is refused where it %s", async (_, spec) => {
    const refusal = await tryAsAgent(changed("NetworkPolicy", (it) => Object.assign(it.spec, spec)));
    expect(refusal).toMatch(/fleet-egress/);
  });

  test("may reach one private address, where an edge may be, and other resolvers", async () => {
    const egress = [block("10.1.2.3/32"), block("2606:4700::/32"), { to: [TO_PODS], ports: tcp(53) }];
    expect(await tryAsAgent(changed("NetworkPolicy", (it) => Object.assign(it.spec, { egress })))).toBeNull();
  });
});

describe("what runs in a box's namespace", () => {
  const cases: [string, (pod: Tree) => void][] = [
    ["shares the node's network", (pod) => Object.assign(pod, { hostNetwork: true })],
    ["sees the node's processes", (pod) => Object.assign(pod, { hostPID: true })],
    ["mounts a folder of the node", (pod) => pod.volumes.push({ name: "x", hostPath: { path: "/" } })],
    ["mounts a token", (pod) => Object.assign(pod, { automountServiceAccountToken: true })],
    [
      "mounts a token by hand",
      (pod) => pod.volumes.push({ name: "x", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } }),
    ],
    ["is another service account", (pod) => Object.assign(pod, { serviceAccountName: "default" })],
    ["pushes others aside", (pod) => Object.assign(pod, { priorityClassName: "system-node-critical" })],
    ["has no class", (pod) => delete pod.priorityClassName],
    ["is privileged", (pod) => Object.assign(pod.containers[0], { securityContext: { privileged: true } })],
    ["may gain rights", (pod) => Object.assign(pod.containers[0].securityContext, { allowPrivilegeEscalation: true })],
    [
      "has a writable root",
      (pod) => Object.assign(pod.containers[0].securityContext, { readOnlyRootFilesystem: false }),
    ],
    [
      "does so in an init container",
      (pod) =>
        Object.assign(pod, { initContainers: [{ name: "x", image: "x", securityContext: { privileged: true } }] }),
    ],
  ];

  test.each(cases)("as a Deployment of the agent's is refused where it %s", async (_, change) => {
    expect(await tryAsAgent(changed("Deployment", (it) => change(it.spec.template.spec)))).toMatch(/fleet-workloads/);
  });

  /** The box's own pod, as anybody might make it by hand. */
  const podOf = (change: (pod: Tree) => void): Tree => {
    const { spec } = changed("Deployment", (it) => change(it.spec.template.spec)).spec.template;
    return { apiVersion: "v1", kind: "Pod", metadata: { name: "by-hand", namespace }, spec };
  };
  const makingPod = (pod: Tree): KubeRequest => ({
    method: "POST",
    path: `/api/v1/namespaces/${namespace}/pods`,
    query: { dryRun: "All" },
    body: pod,
  });

  test.each(cases)("as anybody's pod is refused where it %s", async (_, change) => {
    expect(await refusalOf(kube.admin, makingPod(podOf(change)))).toMatch(/fleet-workloads|violates PodSecurity/);
  });

  test("is admitted as the box's own pod, by the same way", async () => {
    expect(await refusalOf(kube.admin, makingPod(podOf(() => {})))).toBeNull();
  });
});

/** On a real API server: what anybody, an administrator included, may put into a box's namespace, and what may run there. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sampleBox } from "#fleet-agent/testing/sample-box.ts";
import { namespaceOf, newId } from "#schema/domain/ids.ts";
import { kubectl, kubectlByForce, kubectlJson, type Pod, podsOf } from "#tests/harness/cluster.ts";
import { namespaceExists } from "#tests/harness/kube-reads.ts";
import { until } from "#tests/harness/until.ts";
import { SETTINGS, type Tree, type WrittenBox, writeBox } from "#tests/harness/written-box.ts";

const box = sampleBox();
const namespace = namespaceOf(box.box_id);
let written: WrittenBox;
let pod: Pod;
beforeAll(async () => {
  written = await writeBox(box);
  pod = await until("the box's pod", async () => (await podsOf(namespace))[0]);
});
afterAll(async () => {
  await written.remove();
  const gone = async () => !(await namespaceExists(namespace));
  await until("the namespace to be gone: its Secret goes with it", gone, 120_000);
});

/** What kubectl says where it is refused; else null. */
const refused = (args: string[], input?: object): Promise<string | null> =>
  kubectl(["-n", namespace, ...args], input && JSON.stringify(input)).then(
    () => null,
    ({ stderr }: { stderr: string }) => stderr,
  );
const creating = (object: object) => refused(["create", "-f", "-"], object);
const metadata = { name: "foreign" };
const ALL = { podSelector: {}, policyTypes: ["Ingress", "Egress"], ingress: [{}], egress: [{}] };
const POLICY = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec: ALL };
const role = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" };

describe("nobody but the agent and the cluster's controllers", () => {
  test.each<[string, object]>([
    ["a network policy that opens the box", POLICY],
    ["a ConfigMap", { apiVersion: "v1", kind: "ConfigMap", metadata }],
    ["a Secret", { apiVersion: "v1", kind: "Secret", metadata }],
    ["an account", { apiVersion: "v1", kind: "ServiceAccount", metadata }],
    ["a service", { apiVersion: "v1", kind: "Service", metadata, spec: { clusterIP: "None" } }],
    [
      "rights",
      { apiVersion: "rbac.authorization.k8s.io/v1", kind: "RoleBinding", metadata, roleRef: role, subjects: [] },
    ],
    ["a lease", { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata }],
  ])("makes %s there", async (_, object) => {
    expect(await creating(object)).toMatch(/fleet-foreign.*nobody but the fleet-agent makes/);
  });

  test("makes a pod or a Deployment there, though it be the box's own", async () => {
    const { spec } = written.changed("Deployment", () => {});
    const own = { apiVersion: "v1", kind: "Pod", metadata, spec: spec.template.spec };
    expect(await creating(own)).toContain("nobody but the fleet-agent makes pods");
    const again = { apiVersion: "apps/v1", kind: "Deployment", metadata, spec };
    expect(await creating(again)).toContain("nobody but the fleet-agent makes deployments");
  });

  test("makes a namespace that is named like a box's", async () => {
    expect(await refused(["create", "namespace", `customer-${newId()}`])).toContain("fleet-foreign");
    expect(await refused(["create", "namespace", `customer-${newId()}`, "--dry-run=server"])).toBeNull();
  });

  test("not even controllers make a network policy or a Secret", async () => {
    const asController = ["--as=system:kube-controller-manager", "--as-group=system:masters"];
    expect(await refused([...asController, "create", "-f", "-"], POLICY)).toContain("makes networkpolicies");
    expect(await refused([...asController, "create", "secret", "generic", "x"])).toContain("makes secrets");
    expect(await refused([...asController, "create", "configmap", "x"])).toBeNull();
    await kubectl(["delete", "configmap", "x", "-n", namespace]);
  });

  test("keeps controllers from their work, or anybody from telling of events", async () => {
    expect(pod.metadata.name).toMatch(/^gateway-/);
    const made = await kubectl(["get", "configmap,serviceaccount", "-n", namespace, "-o", "name"]);
    expect(made).toContain("configmap/kube-root-ca.crt");
    expect(made).toContain("serviceaccount/default");
    const involvedObject = { kind: "Pod", namespace, name: pod.metadata.name };
    expect(await creating({ apiVersion: "v1", kind: "Event", metadata, involvedObject, reason: "Seen" })).toBeNull();
  });

  test("changes or removes the box's Secret; but to label it, or to store it again as it is, is no change", async () => {
    const changing = ["patch", "secret", "gateway", "--type=merge", "-p"];
    expect(await refused([...changing, '{"data":{"box.json":"e30="}}'])).toContain("changes or removes a box's Secret");
    expect(await refused([...changing, '{"stringData":{"more":"x"}}'])).toContain("changes or removes a box's Secret");
    expect(await refused([...changing, '{"data":null}'])).toContain("changes or removes a box's Secret");
    expect(await refused(["delete", "secret", "gateway"])).toContain("changes or removes a box's Secret");
    expect(await refused([...changing, '{"metadata":{"labels":{"team":"red"}}}'])).toBeNull();
    const whole = await kubectlJson<object>(["get", "secret", "gateway", "-n", namespace]);
    expect(await refused(["replace", "-f", "-"], whole)).toBeNull();
  });

  test("does any of it but by the door for emergencies, which is asked for by its name", async () => {
    await kubectlByForce(["create", "configmap", "emergency", "-n", namespace]);
    await kubectl(["delete", "configmap", "emergency", "-n", namespace]);
  });
});

describe("what runs there", () => {
  const container = (spec: Tree) => spec.template.spec.containers[0];
  /** The refusal of a Deployment whose one container is otherwise. */
  const asAgent = (change: (container: Tree, pod: Tree) => void) =>
    written.tryAsAgent(written.changed("Deployment", ({ spec }) => change(container(spec), spec.template.spec)));
  const OTHERS = [
    "docker.io/library/busybox",
    "localhost/openclaw-cloud/gateway-of-mine:ci",
    "localhost/openclaw-cloud/gateway/of-mine:ci",
    "localhost/openclaw-cloud/gateway@sha256:0",
  ];

  test.each(OTHERS)("is no other image than the gateway's: %s", async (image) => {
    expect(await asAgent((it) => Object.assign(it, { image }))).toContain("fleet-images");
    const before = asAgent(({ securityContext }, it) => {
      it.initContainers = [{ name: "before", image, securityContext }];
    });
    expect(await before).toContain("fleet-images");
  });

  test("is not another image in a running pod, by anybody's hand", async () => {
    expect(await refused(["set", "image", `pod/${pod.metadata.name}`, "gateway=busybox"])).toContain("fleet-images");
    expect(await refused(["label", "pod", pod.metadata.name, "team=red"])).toBeNull();
  });

  test("is not joined by a container that is slipped into its pod", async () => {
    const debug = ["debug", pod.metadata.name, "--image", SETTINGS.image, "--profile=restricted", "--", "true"];
    expect(await refused(debug)).toContain("nothing is added to a box's running pod");
  });

  test.each<[string, (container: Tree, pod: Tree) => void]>([
    ["another command", (it) => Object.assign(it, { command: ["node", "-e", "steal()"] })],
    ["arguments", (it) => Object.assign(it, { args: ["-e", "steal()"] })],
    ["a command at its start", (it) => Object.assign(it, { lifecycle: { postStart: { exec: { command: ["x"] } } } })],
    ["a command as its probe", (it) => Object.assign(it, { livenessProbe: { exec: { command: ["x"] } } })],
    ["options that make Node run something", (it) => set(it, "NODE_OPTIONS", "--import=data:text/javascript,steal()")],
    ["a variable that the loader knows", (it) => set(it, "LD_PRELOAD", "/data/x.so")],
    ["another place for its configuration", (it) => set(it, "BOX_CONFIG_DIR", "/data/mine")],
    [
      "a Secret's value in its environment",
      (it) => it.env.push({ name: "MORE", valueFrom: { secretKeyRef: { name: "gateway", key: "box.json" } } }),
    ],
    ["a whole Secret in its environment", (it) => Object.assign(it, { envFrom: [{ secretRef: { name: "gateway" } }] })],
    ["another Secret", (_, it) => it.volumes.push({ name: "x", secret: { secretName: "other" } })],
    ["its Secret at another place", (it) => it.volumeMounts.push({ name: "config", mountPath: "/data/seen" })],
  ])("has not, by the agent's hand, %s", async (_, change) => {
    expect(await asAgent(change)).toContain("fleet-program");
  });
});

function set(container: Tree, name: string, value: string): void {
  container.env = [...container.env.filter((one: Tree) => one.name !== name), { name, value }];
}

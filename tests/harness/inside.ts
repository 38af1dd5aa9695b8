import { podsPath } from "#fleet-agent/drivers/kube/resource-path.ts";
import { kubectl } from "./cluster.ts";
import { readKube } from "./kube-reads.ts";
import type { Target } from "./probe-box.ts";
import { until } from "./until.ts";

const NAMESPACE = "cluster-suite-platform";
const PORT = 9_464;

/** A service of the platform's own, such as the fleet-agent's metrics: a pod elsewhere that any other pod may reach. */
export interface Platform {
  podIp: string;
  serviceIp: string;
  remove(): Promise<void>;
}

export async function startPlatform(): Promise<Platform> {
  const { GATEWAY_IMAGE: image } = process.env;
  const metadata = { name: "metrics", namespace: NAMESPACE };
  const listen = `require("node:net").createServer((socket) => socket.destroy()).listen(${PORT})`;
  const container = { name: "metrics", image, imagePullPolicy: "Never", command: ["node", "-e", listen] };
  const items = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { ...metadata, labels: { app: "metrics" } },
      spec: { containers: [container] },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: { app: "metrics" }, ports: [{ port: 80, targetPort: PORT }] },
    },
  ];
  await kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  const podIp = await until("the platform's pod", () => podIpOf(NAMESPACE), 120_000);
  return {
    podIp,
    serviceIp: await clusterIpOf("metrics", NAMESPACE),
    remove: () => kubectl(["delete", "namespace", NAMESPACE, "--wait=false"]).then(() => undefined),
  };
}

async function podIpOf(namespace: string, labels = ""): Promise<string | undefined> {
  const pods = await readKube<{ items: { status: { podIP?: string; phase: string } }[] }>(
    podsPath(namespace),
    labels ? { labelSelector: labels } : {},
  );
  return pods.items.find(({ status }) => status.phase === "Running")?.status.podIP;
}

const clusterIpOf = async (name: string, namespace: string): Promise<string> =>
  (await kubectl(["get", "service", name, "-n", namespace, "-o", "jsonpath={.spec.clusterIP}"])).trim();

/** What there is in a cluster that a box must not reach. */
export async function insideTargets(platform: Platform): Promise<Target[]> {
  const [api, addresses, resolver] = await Promise.all([
    clusterIpOf("kubernetes", "default"),
    kubectl(["get", "nodes", "-o", 'jsonpath={.items[*].status.addresses[?(@.type=="InternalIP")].address}']),
    until("the resolver's pod", () => podIpOf("kube-system", "k8s-app=kube-dns")),
  ]);
  // Others' fake nodes have none.
  const [node = ""] = addresses.trim().split(" ");
  const tcp = (name: string, host: string, port: number): Target => ({ name, protocol: "tcp", host, port });
  return [
    tcp("the metadata service", "169.254.169.254", 80),
    tcp("the API server by its service", api, 443),
    tcp("the API server by its node", node, 6_443),
    tcp("the kubelet", node, 10_250),
    tcp("a pod of the platform", platform.podIp, PORT),
    tcp("a service of the platform", platform.serviceIp, 80),
    tcp("the resolver beside DNS", resolver, 8_181),
  ];
}

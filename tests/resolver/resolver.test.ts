/**
 * The resolver of cluster/manifests/resolver.yaml: boxes get the names that they need, and can't tell anybody anything by
 * asking. Needs what the cluster suite needs, and a CoreDNS that forwards (the manifest's, or RESOLVER_IMAGE).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { REPOSITORY } from "#cluster/local/repository.ts";
import { type ClusterStack, kubectl, startClusterStack } from "#tests/harness/cluster.ts";
import { type NameServer, startNameServer } from "#tests/harness/name-server.ts";
import { ProbeBox, type Target } from "#tests/harness/probe-box.ts";
import { until } from "#tests/harness/until.ts";

const EDGE_NAME = "edge.suite.example";
const NEEDED = [EDGE_NAME, "api.telegram.org"];
const SECRETS = [
  "c2VjcmV0.attacker.example",
  "kubernetes.default.svc.cluster.local",
  `x.${EDGE_NAME}.attacker.example`,
];
const SELECTOR = {
  namespace: { "kubernetes.io/metadata.name": "fleet-system" },
  pod: { "app.kubernetes.io/name": "box-resolver" },
};

let cluster: ClusterStack;
let outside: NameServer;
let box: ProbeBox;

beforeAll(async () => {
  cluster = await startClusterStack(inject("bundle"));
  outside = await startNameServer();
  const nameserver = await startResolver(outside.host);
  const targets = [...NEEDED, ...SECRETS].map((host): Target => ({ name: host, protocol: "dns", host, port: 53 }));
  const settings = { NAMESERVERS: nameserver, DNS_SELECTOR: JSON.stringify(SELECTOR) };
  box = new ProbeBox(cluster, { who: "asker", targets, policy: true, gate: "on", settings });
  await box.start();
});

afterAll(async () => {
  await box?.remove();
  await kubectl(["delete", "-f", MANIFEST, "--ignore-not-found", "--wait=false"]);
  outside?.close();
  await cluster?.close();
});

const MANIFEST = join(REPOSITORY, "cluster/manifests/resolver.yaml");

/** As the manifest says, with this cluster's own values. */
const manifest = (upstream: string): string =>
  readFileSync(MANIFEST, "utf8")
    .replace("value: edge.example", `value: ${EDGE_NAME}`)
    .replace("value: /etc/resolv.conf", `value: ${upstream}`)
    .replace("  clusterIP: 10.43.0.53\n", "")
    .replace("replicas: 2", "replicas: 1")
    .replace(/image: (.+)/, (line) => (process.env.RESOLVER_IMAGE ? `image: ${process.env.RESOLVER_IMAGE}` : line));

/** The address that boxes ask. */
async function startResolver(upstream: string): Promise<string> {
  await kubectl(["apply", "-f", "-"], manifest(upstream));
  const query = ["-n", "fleet-system", "-o"];
  await until(
    "the resolver to be ready",
    async () =>
      (await kubectl(["get", "deployment", "box-resolver", ...query, "jsonpath={.status.readyReplicas}"])) === "1",
    120_000,
  );
  return (await kubectl(["get", "service", "box-resolver", ...query, "jsonpath={.spec.clusterIP}"])).trim();
}

test("boxes find the edge and Telegram, and no other name", async () => {
  const rounds = await box.roundsUntil(2_000);
  expect([...new Set(rounds.flatMap(({ open }) => open))].sort()).toEqual([...NEEDED].sort());
});

test("nobody outside is asked for any other name", () => {
  expect(outside.asked().sort()).toEqual([...NEEDED].sort());
});

test("a resolver that forwards every name lets it all out, as the cluster's own does", async () => {
  await kubectl(["apply", "-f", "-"], manifest(outside.host).replace("{$EDGE_HOST}:53 {", ".:53 {"));
  await kubectl(["rollout", "restart", "deployment/box-resolver", "-n", "fleet-system"]);
  const lower = SECRETS.map((name) => name.toLowerCase());
  await until("the secrets to be heard outside", () => lower.every((name) => outside.asked().includes(name)), 120_000);
});

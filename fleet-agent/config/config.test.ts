import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readClusterSettings, readConfig } from "./config.ts";

const KEY = JSON.stringify({ kty: "OKP", crv: "Ed25519", kid: "k1", x: "eHg", d: "canary-private" });
const COMMON = { EDGE_URL: "https://edge.example/", CLUSTER_ID: "hel1", AGENT_KEY: KEY };
const KUBE = { GATEWAY_IMAGE: "gateway@sha256:1", EDGE_CIDRS: '[{"cidr":"203.0.113.0/24"}]' };

const messageOf = (env: Record<string, string>): string => {
  try {
    readConfig(env);
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
  return "no error";
};

it("names everything that is missing at once", () => {
  const message = messageOf({ DRIVER: "kube" });
  for (const name of ["EDGE_URL", "CLUSTER_ID", "AGENT_KEY", "GATEWAY_IMAGE", "EDGE_CIDRS"]) {
    expect(message).toContain(`${name}: is missing`);
  }
});

it("takes an empty variable as a missing one", () => {
  expect(messageOf({ ...COMMON, CLUSTER_ID: "" })).toContain("CLUSTER_ID: is missing");
});

it("never repeats a value: a key with a fault is still a secret", () => {
  for (const broken of [`${KEY}}`, KEY.replace("Ed25519", "P-256")]) {
    const message = messageOf({ ...COMMON, AGENT_KEY: broken });
    expect(message).toContain("AGENT_KEY");
    expect(message).not.toContain("canary");
  }
});

it("chooses the driver by what there is, and by DRIVER before that", () => {
  expect(readConfig(COMMON).driver.kind).toBe("local");
  expect(readConfig({ ...COMMON, ...KUBE, KUBECONFIG: "/x" }).driver.kind).toBe("kube");
  expect(readConfig({ ...COMMON, ...KUBE, KUBERNETES_SERVICE_HOST: "10.0.0.1" }).driver.kind).toBe("kube");
  expect(readConfig({ ...COMMON, KUBECONFIG: "/x", DRIVER: "local" }).driver.kind).toBe("local");
  expect(messageOf({ ...COMMON, DRIVER: "docker" })).toContain("DRIVER: must be kube or local");
});

it("drops the slash at the edge's end: the assertion's audience is compared letter by letter", () => {
  expect(readConfig(COMMON).edgeUrl).toBe("https://edge.example");
});

it("reads the key from a file, and says so when it can't", () => {
  const dir = mkdtempSync(join(tmpdir(), "agent-key-"));
  const file = join(dir, "key.json");
  writeFileSync(file, KEY);
  const { AGENT_KEY: _, ...rest } = COMMON;
  expect(readConfig({ ...rest, AGENT_KEY_FILE: file }).agentKey.kid).toBe("k1");
  rmSync(dir, { recursive: true });
  expect(messageOf({ ...rest, AGENT_KEY_FILE: file })).toContain("can't be read");
});

it("refuses destinations that are as wide as the internet", () => {
  const everywhere = { ...KUBE, EDGE_CIDRS: '[{"cidr":"0.0.0.0/0"}]' };
  expect(() => readClusterSettings(everywhere)).toThrow("EDGE_CIDRS.0.cidr: must be /12 or narrower");
  expect(() => readClusterSettings({ ...KUBE, TELEGRAM_CIDRS: '[{"cidr":"::/0"}]' })).toThrow("TELEGRAM_CIDRS.0.cidr");
  expect(readClusterSettings(KUBE).edge).toEqual([{ cidr: "203.0.113.0/24", except: [], port: 443 }]);
});

it("keeps boxes shut until their policy is in force, unless it is told otherwise in so many words", () => {
  expect(readClusterSettings(KUBE).egressGate).toBe("on");
  expect(readClusterSettings({ ...KUBE, EGRESS_GATE: "off" }).egressGate).toBe("off");
  expect(() => readClusterSettings({ ...KUBE, EGRESS_GATE: "0" })).toThrow("EGRESS_GATE");
});

it("takes resolvers and a sandbox for boxes, and refuses what is none", () => {
  const settings = readClusterSettings({ ...KUBE, NAMESERVERS: "10.43.0.53, fd00::53", RUNTIME_CLASS: "gvisor" });
  expect(settings).toMatchObject({ nameservers: ["10.43.0.53", "fd00::53"], runtimeClass: "gvisor" });
  expect(() => readClusterSettings({ ...KUBE, NAMESERVERS: "dns.example" })).toThrow("NAMESERVERS");
  expect(() => readClusterSettings({ ...KUBE, RUNTIME_CLASS: "g Visor" })).toThrow("RUNTIME_CLASS");
});

it("passes to a local box what it needs to run, and no key", () => {
  const { driver } = readConfig({ ...COMMON, PATH: "/bin", KIMI_API_KEY: "canary", HTTPS_PROXY: "http://proxy" });
  expect(driver).toMatchObject({ kind: "local", environment: { PATH: "/bin", HTTPS_PROXY: "http://proxy" } });
  expect(JSON.stringify(driver)).not.toContain("canary");
});

it("names a place only where one agent lives at a time: as told, or its own folder", () => {
  const instance = (env: Record<string, string>) => readConfig({ ...COMMON, ...env }).instance;
  expect(instance({ DRIVER: "kube", ...KUBE })).toBeUndefined();
  expect(instance({ DRIVER: "kube", ...KUBE, AGENT_INSTANCE: "pod:4f1c" })).toBe("pod:4f1c");
  expect(instance({ STATE_ROOT: "/a" })).toBe(instance({ STATE_ROOT: "/a" }));
  expect(instance({ STATE_ROOT: "/a" })).not.toBe(instance({ STATE_ROOT: "/b" }));
  expect(messageOf({ ...COMMON, AGENT_INSTANCE: "a b" })).toContain("AGENT_INSTANCE: must be");
});

it("stands for election where several agents share a lease, and needs to know who it is", () => {
  const shared = { ...COMMON, ...KUBE, DRIVER: "kube", LEADER_LEASE: "fleet-system/fleet-agent" };
  expect(readConfig({ ...shared, AGENT_INSTANCE: "pod_1" }).election).toEqual({
    lease: { namespace: "fleet-system", name: "fleet-agent" },
    identity: "pod_1",
    pod: undefined,
  });
  expect(() => readConfig(shared)).toThrow("AGENT_INSTANCE: is missing");
  expect(() => readConfig({ ...shared, LEADER_LEASE: "fleet-agent" })).toThrow("LEADER_LEASE: must be namespace/name");
  expect(readConfig({ ...shared, LEADER_LEASE: "" }).election).toBeUndefined();
  expect(() => readConfig({ ...shared, METRICS_PORT: "http", AGENT_INSTANCE: "a" })).toThrow("METRICS_PORT");
});

it("finds its cluster as every pod does, unless a KUBECONFIG is given", () => {
  const pod = { ...COMMON, ...KUBE, KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "6443" };
  const folder = "/var/run/secrets/kubernetes.io/serviceaccount";
  expect(readConfig(pod).driver).toMatchObject({ pod: { server: "https://[fd00::1]:6443", folder } });
  expect(readConfig({ ...pod, KUBECONFIG: "/k" }).driver).toMatchObject({ kind: "kube", pod: undefined });
});

import { describe, expect, it } from "vitest";
import { sampleConfig } from "#schema/contracts/testing/sample-config.ts";
import { TIER_IDS, TIERS } from "#schema/domain/tiers.ts";
import { type ClusterSettings, KUBE_DNS, TELEGRAM } from "../../config/cluster-settings.ts";
import { restrictedViolations } from "../../testing/pod-security.ts";
import { sampleBox } from "../../testing/sample-box.ts";
import { configHash } from "./box-config.ts";
import { allObjects, boxObjects } from "./box-objects.ts";
import type { KubeObject } from "./kube-object.ts";

const settings: ClusterSettings = {
  image: "registry.example/gateway@sha256:1",
  imagePullPolicy: "IfNotPresent",
  edge: [{ cidr: "203.0.113.0/24", except: ["203.0.113.9/32"], port: 8_443 }],
  telegram: TELEGRAM,
  dns: KUBE_DNS,
};

const objectsOf = (more: Parameters<typeof sampleBox>[0] = {}) => boxObjects(sampleBox(more), settings);
const podOf = (more: Parameters<typeof sampleBox>[0] = {}) => {
  const spec = objectsOf(more).deployment.spec?.template.spec;
  if (!spec) throw new Error("no pod");
  return spec;
};
const gatewayOf = (more: Parameters<typeof sampleBox>[0] = {}) => {
  const [container] = podOf(more).containers;
  if (!container) throw new Error("no container");
  return container;
};
function find<K extends KubeObject["kind"]>(kind: K, more: Parameters<typeof sampleBox>[0] = {}) {
  const found = allObjects(objectsOf(more)).find((object) => object.kind === kind);
  if (!found) throw new Error(`no ${kind}`);
  return found as Extract<KubeObject, { kind: K }>;
}

/** `1500m`, `512Mi`, `2Gi`, `2` as one number. */
function quantity(text: string | undefined): number {
  const units: Record<string, number> = { "": 1, m: 1e-3, Mi: 2 ** 20, Gi: 2 ** 30 };
  const [, amount = "NaN", unit = ""] = /^(\d+)(m|Mi|Gi|)$/.exec(text ?? "") ?? [];
  return Number(amount) * (units[unit] ?? Number.NaN);
}

describe("every object", () => {
  it("is marked as ours, with the fence and generation of its writer", () => {
    const box = sampleBox();
    for (const { metadata, kind } of allObjects(boxObjects(box, settings))) {
      expect(metadata.labels["app.kubernetes.io/managed-by"], kind).toBe("fleet-agent");
      expect(metadata.annotations, kind).toMatchObject({ "fleet/fence": "7", "fleet/generation": "3" });
      expect(metadata.namespace ?? metadata.name, kind).toBe(`customer-${box.box_id}`);
    }
  });

  it("comes out the same for the same box", () => {
    const box = sampleBox();
    expect(allObjects(boxObjects(box, settings))).toEqual(allObjects(boxObjects(box, settings)));
  });

  it("but the Secret holds none of the box's secrets", () => {
    const others = allObjects(objectsOf()).filter(({ kind }) => kind !== "Secret");
    expect(JSON.stringify(others)).not.toContain("canary");
  });

  it("is refused for a box without configuration", () => {
    expect(() => objectsOf({ config: null })).toThrow(TypeError);
  });
});

describe("the namespace", () => {
  it("enforces Pod Security restricted in a pinned version", () => {
    const { labels } = find("Namespace").metadata;
    for (const mode of ["enforce", "audit", "warn"]) {
      expect(labels[`pod-security.kubernetes.io/${mode}`]).toBe("restricted");
      expect(labels[`pod-security.kubernetes.io/${mode}-version`]).toMatch(/^v1\.\d+$/);
    }
  });
});

describe.each(TIER_IDS)("the pod of tier %s", (tier) => {
  it("is admitted by Pod Security restricted, with a read-only root and no API token", () => {
    const pod = podOf({ tier });
    expect(restrictedViolations(pod)).toEqual([]);
    expect(gatewayOf({ tier }).securityContext?.readOnlyRootFilesystem).toBe(true);
    expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
    expect(pod.securityContext?.runAsUser).toBe(1_000);
  });

  it("ends its gateway before the kubelet ends everything", () => {
    const grace = Number(gatewayOf({ tier }).env?.find(({ name }) => name === "STOP_GRACE_SECONDS")?.value);
    expect(grace).toBeGreaterThanOrEqual(30);
    expect(podOf({ tier }).terminationGracePeriodSeconds).toBeGreaterThanOrEqual(grace + 5);
  });

  it("leaves a node that is not ready or not heard of in time to run elsewhere within five minutes", () => {
    const { tolerations = [], terminationGracePeriodSeconds = 0 } = podOf({ tier });
    expect(tolerations.map(({ key }) => key).toSorted()).toEqual([
      "node.kubernetes.io/not-ready",
      "node.kubernetes.io/unreachable",
    ]);
    const untilKnown = 50;
    const aStart = 60;
    for (const { effect, tolerationSeconds = Number.POSITIVE_INFINITY } of tolerations) {
      expect(effect).toBe("NoExecute");
      expect(untilKnown + tolerationSeconds + terminationGracePeriodSeconds + aStart).toBeLessThan(300);
    }
  });

  it("gets what the tier promises, and a heap that fits into it", () => {
    const { cpu, memory } = TIERS[tier];
    const { resources, env } = gatewayOf({ tier });
    expect(quantity(resources?.limits?.memory)).toBe(memory.limitMi * 2 ** 20);
    expect(quantity(resources?.limits?.cpu)).toBeCloseTo(cpu.limitMilli / 1_000);
    expect(quantity(resources?.requests?.memory)).toBe(memory.requestMi * 2 ** 20);
    const flags = env?.find(({ name }) => name === "NODE_OPTIONS")?.value ?? "";
    const heapMi = Number(/--max-old-space-size=(\d+)/.exec(flags)?.[1]);
    expect(heapMi).toBeGreaterThan(memory.limitMi * 0.35);
    expect(heapMi).toBeLessThan(memory.limitMi * 0.5);
  });

  it("fits into the quota and the limit range once, not twice", () => {
    const { requests = {}, limits = {} } = gatewayOf({ tier }).resources ?? {};
    const hard = find("ResourceQuota", { tier }).spec?.hard ?? {};
    const max = find("LimitRange", { tier }).spec.limits[0]?.max ?? {};
    for (const [resource, amount] of Object.entries(limits)) {
      expect(quantity(hard[`limits.${resource}`]), resource).toBeGreaterThanOrEqual(quantity(amount));
      expect(quantity(max[resource]), resource).toBeGreaterThanOrEqual(quantity(amount));
    }
    for (const [resource, amount] of Object.entries(requests)) {
      expect(quantity(hard[`requests.${resource}`]), resource).toBeGreaterThanOrEqual(quantity(amount));
    }
    expect(quantity(hard["limits.memory"])).toBeLessThan(2 * quantity(limits.memory));
  });

  it("has room for its volume, and for no other", () => {
    const hard = find("ResourceQuota", { tier }).spec?.hard ?? {};
    const size = find("PersistentVolumeClaim", { tier }).spec?.resources?.requests?.storage;
    expect(hard["requests.storage"]).toBe(size);
    expect(hard.persistentvolumeclaims).toBe("1");
  });
});

describe("the deployment", () => {
  it("never runs two gateways", () => {
    const { spec } = objectsOf().deployment;
    expect(spec?.strategy).toEqual({ type: "Recreate" });
    expect(spec?.replicas).toBe(1);
    expect(objectsOf({ status: "suspended" }).deployment.spec?.replicas).toBe(0);
  });

  it("is watched on the supervisor's own port, with five minutes to start", () => {
    const { startupProbe, livenessProbe, readinessProbe, ports } = gatewayOf();
    const health = ports?.find(({ name }) => name === "health");
    expect(gatewayOf().env).toContainEqual({ name: "HEALTH_PORT", value: String(health?.containerPort) });
    for (const probe of [startupProbe, livenessProbe, readinessProbe]) expect(probe?.httpGet?.port).toBe("health");
    expect((startupProbe?.periodSeconds ?? 0) * (startupProbe?.failureThreshold ?? 0)).toBeGreaterThanOrEqual(300);
  });

  it("mounts the Secret, the volume and /tmp where the supervisor looks for them", () => {
    const { volumeMounts = [], env = [] } = gatewayOf();
    const value = (name: string) => env.find((entry) => entry.name === name)?.value;
    expect(volumeMounts.find(({ name }) => name === "config")?.mountPath).toBe(value("BOX_CONFIG_DIR"));
    expect(volumeMounts.find(({ name }) => name === "state")?.mountPath).toBe(value("STATE_DIR"));
    expect(volumeMounts.map(({ mountPath }) => mountPath)).toContain("/tmp");
  });

  it("changes its pods for a restart, an image or a tier; not for a new configuration, fence or generation", () => {
    const box = sampleBox();
    const template = (more: object, image = settings.image) =>
      JSON.stringify(boxObjects({ ...box, ...more }, { ...settings, image }).deployment.spec?.template);
    const before = template({});
    const config = sampleConfig({ box_id: box.box_id, language: "fr", generation: 9 });
    expect(template({ config, fence: 8, generation: 9 })).toBe(before);
    expect(template({ restart_token: "r2" })).not.toBe(before);
    expect(template({ tier: "pro" })).not.toBe(before);
    expect(template({}, "other@sha256:2")).not.toBe(before);
  });

  it("runs the image that the edge names for this box, and the cluster's own where it names none", () => {
    const imagesOf = (image?: string) => {
      const { deployment } = boxObjects(sampleBox(image ? { image } : {}), settings);
      const { containers = [], initContainers = [] } = deployment.spec?.template.spec ?? {};
      return new Set([...containers, ...initContainers].map((each) => each.image));
    };
    expect(imagesOf("registry.example/gateway@sha256:9")).toEqual(new Set(["registry.example/gateway@sha256:9"]));
    expect(imagesOf()).toEqual(new Set([settings.image]));
  });
});

describe("the pod's walls", () => {
  const podWith = (more: Partial<ClusterSettings>) =>
    boxObjects(sampleBox(), { ...settings, ...more }).deployment.spec?.template.spec;
  const variables = (more: Partial<ClusterSettings>) => podWith(more)?.containers[0]?.env ?? [];

  it("wait for the network policy unless told otherwise, and are told what must be refused", () => {
    expect(variables({})).toContainEqual({ name: "EGRESS_GATE", value: "on" });
    expect(variables({ egressGate: "off" })).toContainEqual({ name: "EGRESS_GATE", value: "off" });
    const nodes = variables({}).find(({ name }) => name === "NODE_IPS");
    expect(nodes?.valueFrom?.fieldRef?.fieldPath).toBe("status.hostIPs");
  });

  it("are of the boxes' class, in a sandbox where there is one", () => {
    expect(podWith({})?.priorityClassName).toBe("openclaw-box");
    expect(podWith({})).not.toHaveProperty("runtimeClassName");
    expect(podWith({ runtimeClass: "gvisor" })?.runtimeClassName).toBe("gvisor");
  });

  it("ask the cluster's resolver, or only those they are given; full names first", () => {
    const options = [{ name: "ndots", value: "1" }];
    expect(podWith({})).toMatchObject({ dnsConfig: { options } });
    expect(podWith({})).not.toHaveProperty("dnsPolicy");
    expect(podWith({ nameservers: ["10.43.0.53"] })).toMatchObject({
      dnsPolicy: "None",
      dnsConfig: { nameservers: ["10.43.0.53"], options },
    });
  });
});

describe("the Secret", () => {
  it("holds box.json, and its hash changes with it", () => {
    const box = sampleBox();
    const { secret } = boxObjects(box, settings);
    const text = Buffer.from(secret.data?.["box.json"] ?? "", "base64").toString();
    expect(JSON.parse(text)).toEqual(box.config);
    const other = sampleConfig({ box_id: box.box_id, generation: 3, language: "fr" });
    expect(configHash(other)).not.toBe(secret.metadata.annotations["fleet/config-hash"]);
  });
});

describe("the network policy", () => {
  it("lets nothing in and only DNS, the edge and Telegram out", () => {
    const spec = find("NetworkPolicy").spec;
    expect(spec).toMatchObject({ podSelector: {}, policyTypes: ["Ingress", "Egress"], ingress: [] });
    const [dns, edge, ...telegram] = spec?.egress ?? [];
    expect(dns?.to).toEqual([
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
        podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
      },
    ]);
    expect(dns?.ports?.map(({ protocol, port }) => `${protocol}/${port}`)).toEqual(["UDP/53", "TCP/53"]);
    expect(edge?.to).toEqual([{ ipBlock: { cidr: "203.0.113.0/24", except: ["203.0.113.9/32"] } }]);
    expect(edge?.ports).toEqual([{ protocol: "TCP", port: 8_443 }]);
    expect(telegram.map(({ to }) => to?.[0]?.ipBlock?.cidr)).toEqual(TELEGRAM.map(({ cidr }) => cidr));
  });

  it("has no rule without a destination or without a port, which would mean everything", () => {
    for (const rule of find("NetworkPolicy").spec?.egress ?? []) {
      expect(rule.to?.length).toBeGreaterThan(0);
      expect(rule.ports?.length).toBeGreaterThan(0);
    }
  });
});

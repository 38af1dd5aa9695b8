import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readPin } from "#cluster/image/openclaw/pin.ts";
import { REPOSITORY } from "#cluster/local/repository.ts";
import { readClusterSettings } from "#fleet-agent/config/config.ts";
import { allObjects, boxObjects } from "#fleet-agent/drivers/desired/box-objects.ts";
import type { Deployment, KubeObject } from "#fleet-agent/drivers/desired/kube-object.ts";
import { podsPath } from "#fleet-agent/drivers/kube/resource-path.ts";
import { sampleBox } from "#fleet-agent/testing/sample-box.ts";
import { sampleConfig } from "#schema/contracts/testing/sample-config.ts";
import { namespaceOf, newId } from "#schema/domain/ids.ts";
import { type ClusterStack, kubectl, kubectlByForce } from "./cluster.ts";
import { podLog, readKube } from "./kube-reads.ts";
import { until } from "./until.ts";

/** A place that the program in a probe box tries to reach. */
export interface Target {
  name: string;
  /** `dns`: asks the box's own resolver for `host`. */
  protocol: "tcp" | "udp" | "dns";
  host: string;
  port: number;
}

/** One try of everything: when it began, counted from the program's first line, and what could be reached. */
export interface Round {
  at_ms: number;
  open: string[];
}

export interface ProbeOptions {
  /** What the program calls itself where it gets through. */
  who: string;
  targets: Target[];
  /** Without it the box has no network policy. */
  policy: boolean;
  /** The start-up gate. */
  gate: "on" | "off";
  /** More of the agent's environment. */
  settings?: Record<string, string>;
}

/**
 * A box as the fleet-agent makes it, in whose pod tests/cluster/probe/openclaw.mjs stands where OpenClaw would be: the
 * supervisor of the image starts it, when it starts it.
 */
export class ProbeBox {
  readonly namespace: string;
  readonly #options: ProbeOptions;
  readonly #objects: KubeObject[];

  constructor(cluster: ClusterStack, options: ProbeOptions) {
    const boxId = newId();
    const config = sampleConfig({
      box_id: boxId,
      generation: 3,
      proxy: { base_url: `${cluster.stack.url}/v1`, token: "none" },
    });
    const settings = readClusterSettings({ ...cluster.agentEnv, ...options.settings, EGRESS_GATE: options.gate });
    this.namespace = namespaceOf(boxId);
    this.#options = options;
    this.#objects = allObjects(boxObjects(sampleBox({ box_id: boxId, config }), settings));
  }

  async start(): Promise<void> {
    const { who, targets, policy } = this.#options;
    const program = readFileSync(join(REPOSITORY, "tests/cluster/probe/openclaw.mjs"), "utf8");
    const probe = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "probe", namespace: this.namespace },
      stringData: {
        "openclaw.mjs": program,
        "package.json": JSON.stringify({ version: readPin().version }),
        "targets.json": JSON.stringify({ who, targets }),
      },
    };
    const objects = this.#objects.filter(({ kind }) => policy || kind !== "NetworkPolicy");
    const [space, ...others] = objects.map((object) => (object.kind === "Deployment" ? withProbe(object) : object));
    await applyList([space, probe, ...others]);
  }

  async enforce(): Promise<void> {
    await applyList(this.#objects.filter(({ kind }) => kind === "NetworkPolicy"));
  }

  async remove(): Promise<void> {
    await kubectl(["delete", "namespace", this.namespace, "--ignore-not-found", "--wait=false"]);
  }

  /** All that the pod printed; empty while there is none. */
  async log(): Promise<string> {
    const [pod] = await this.#pods();
    return pod ? podLog(this.namespace, pod.metadata.name).catch(() => "") : "";
  }

  async rounds(): Promise<Round[]> {
    const lines = (await this.log()).split("\n").filter((line) => line.startsWith('{"probe":'));
    return lines.map((line) => (JSON.parse(line) as { probe: Round }).probe);
  }

  /** The rounds once one has begun at that age of the program. */
  roundsUntil(atMs: number, timeoutMs = atMs + 120_000): Promise<Round[]> {
    return until(
      `a round of ${this.#options.who} after ${atMs} ms`,
      async () => {
        const rounds = await this.rounds();
        return rounds.some(({ at_ms }) => at_ms >= atMs) && rounds;
      },
      timeoutMs,
    );
  }

  /** What the container that ended last left as its reason. */
  async lastWords(): Promise<string | undefined> {
    const [pod] = await this.#pods();
    const [container] = pod?.status.containerStatuses ?? [];
    return (container?.state.terminated ?? container?.lastState.terminated)?.message;
  }

  podIp(): Promise<string> {
    return until(`an address of ${this.#options.who}'s pod`, async () => (await this.#pods())[0]?.status.podIP);
  }

  async #pods(): Promise<ProbePod[]> {
    return (await readKube<{ items: ProbePod[] }>(podsPath(this.namespace))).items;
  }
}

type ContainerStatus = Record<"state" | "lastState", { terminated?: { message?: string } }>;
interface ProbePod {
  metadata: { name: string };
  status: { podIP?: string; containerStatuses?: ContainerStatus[] };
}

const applyList = (items: unknown[]): Promise<string> =>
  kubectlByForce(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));

function withProbe(deployment: Deployment): Deployment {
  const changed = structuredClone(deployment);
  const pod = changed.spec?.template.spec;
  const [container] = pod?.containers ?? [];
  const items = [
    { key: "openclaw.mjs", path: "node_modules/openclaw/openclaw.mjs" },
    { key: "package.json", path: "node_modules/openclaw/package.json" },
    { key: "targets.json", path: "targets.json" },
  ];
  pod?.volumes?.push({ name: "probe", secret: { secretName: "probe", defaultMode: 0o444, items } });
  // The small program leaves a small machine's cores to others' boxes.
  if (container?.resources?.requests) container.resources.requests.cpu = "20m";
  container?.volumeMounts?.push({ name: "probe", mountPath: "/probe", readOnly: true });
  container?.env?.push({ name: "OPENCLAW_DIR", value: "/probe" });
  return changed;
}

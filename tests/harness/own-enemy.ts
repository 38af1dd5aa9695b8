import { inject } from "vitest";
import type { AgentProcess } from "#cluster/local/agent.ts";
import { podsPath } from "#fleet-agent/drivers/kube/resource-path.ts";
import { AuditList } from "#schema/contracts/audit.ts";
import { type ClusterStack, podsOf, startClusterStack } from "./cluster.ts";
import { Customer } from "./customer.ts";
import { inPod } from "./in-pod.ts";
import { podLog, readKube } from "./kube-reads.ts";
import { until } from "./until.ts";

export const CONFIG = "/data/config/openclaw.json";
const SECOND = 1_000;

type Ended = { lastState?: { terminated?: { message?: string } } };
type Pods = { items: { status: { containerStatuses?: Ended[] } }[] };

/** A live box of the real gateway in which a shell runs as the agent's user, to see what it gets done against it. */
export class OwnEnemy {
  readonly cluster: ClusterStack;
  readonly owner: Customer;
  readonly #agent: AgentProcess;
  readonly #id: string;
  readonly #namespace: string;
  /** OpenClaw's configuration, as it has to be. */
  config = "";

  private constructor(
    cluster: ClusterStack,
    agent: AgentProcess,
    owner: Customer,
    box: Record<"id" | "namespace", string>,
  ) {
    [this.cluster, this.#agent, this.owner] = [cluster, agent, owner];
    [this.#id, this.#namespace] = [box.id, box.namespace];
  }

  static async start(name: string): Promise<OwnEnemy> {
    const cluster = await startClusterStack(inject("bundle"));
    const agent = cluster.startAgent();
    const owner = new Customer(cluster, name);
    const { box, job } = await cluster.operator.provision(owner.order);
    await cluster.operator.succeeded(job.id, 270 * SECOND);
    const enemy = new OwnEnemy(cluster, agent, owner, box);
    enemy.config = await enemy.shell(`cat ${CONFIG}`);
    return enemy;
  }

  shell(script: string): Promise<string> {
    return inPod(this.#namespace, script);
  }

  /** What its last command ends may be its own shell. */
  async attack(script: string): Promise<void> {
    await this.shell(script).catch(() => undefined);
  }

  /** The files that operators were told of, newest first. */
  async told(): Promise<string> {
    const path = `/internal/audit?box_id=${this.#id}&action=box.change_undone`;
    const answer = await this.cluster.operator.send("GET", path);
    return AuditList.parse(await answer.json())
      .entries.map(({ detail }) => detail.files)
      .join("; ");
  }

  async log(): Promise<string> {
    const [pod] = await podsOf(this.#namespace);
    return podLog(this.#namespace, pod?.metadata.name ?? "");
  }

  async restarts(): Promise<number> {
    return (await podsOf(this.#namespace))[0]?.status.containerStatuses?.[0]?.restartCount ?? 0;
  }

  /** Of the one that runs: an evicted one stays there. */
  async podUid(): Promise<string | undefined> {
    return (await podsOf(this.#namespace)).find(({ status }) => status.phase === "Running")?.metadata.uid;
  }

  /** What the container left as its reason when it ended last. */
  async lastWords(): Promise<string | undefined> {
    const { items } = await readKube<Pods>(podsPath(this.#namespace));
    return items[0]?.status.containerStatuses?.[0]?.lastState?.terminated?.message;
  }

  /** It serves its owner, with the right files. */
  async serves(): Promise<boolean> {
    const { health } = await until(
      "the box to be healthy",
      async () => {
        const box = await this.cluster.operator.box(this.#id);
        return box.health === "healthy" && box;
      },
      180 * SECOND,
    );
    const answer = await this.owner.says("are you there?");
    return (
      health === "healthy" && answer.includes("are you there?") && (await this.shell(`cat ${CONFIG}`)) === this.config
    );
  }

  async close(): Promise<void> {
    await this.#agent.stop();
    await this.cluster.close();
  }
}

import { type Command, InvalidArgumentError } from "commander";
import { sleep } from "#cluster/system/retry.ts";
import { ClusterComparison } from "#schema/contracts/clusters.ts";
import type { OperatorClient } from "../../operator/operator-client.ts";
import { localProduct } from "../../operator/operator-settings.ts";
import { age } from "../age.ts";
import { addChangeOptions, type ChangeOptions, change } from "../changing.ts";
import { wholeNumber } from "../desired.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { answer, openOperator } from "../operator.ts";
import { details } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { findCluster } from "./find-cluster.ts";

type Options = ChangeOptions & { remove?: number; wait: boolean; timeout: number };

const LOOK_EVERY_MS = 1_000;

export function addReconcileCommand(fleet: Command, terminal: Terminal): void {
  const command = fleet
    .command("reconcile")
    .description("Compare a cluster with the database now, and repair what differs")
    .argument("<cluster>", "the cluster's id")
    .option("--remove <boxes>", "remove the boxes that the brake holds back; as many as `fleet status` names", positive)
    .option("--no-wait", "don't wait for the comparison")
    .option("--timeout <seconds>", "how long to wait", wholeNumber, 300);
  addChangeOptions(command, { asks: true }).action((id: string, options: Options) => reconcile(terminal, id, options));
}

async function reconcile(terminal: Terminal, id: string, options: Options): Promise<void> {
  if (localProduct(terminal.env)?.stateRoot) {
    throw new CommandError(EXIT.usage, "Boxes are local processes here: there is no cluster to compare.");
  }
  const operator = openOperator(terminal);
  await findCluster(operator, id);
  const { remove } = options;
  const plan = {
    path: `/internal/clusters/${id}/reconcile`,
    body: remove === undefined ? {} : { remove },
    answer: ClusterComparison,
    ...(remove !== undefined && { confirmation: await removal(operator, id, remove) }),
    repeatable: false,
  };
  const asked = await change(terminal, operator, plan, options);
  if (!asked) return;
  const shown = options.wait ? await untilCompared(terminal, operator, asked, options.timeout) : asked;
  answer(terminal, options, shown, () => comparisonText(shown));
}

async function removal(operator: OperatorClient, id: string, remove: number) {
  const { brake } = await operator.get(`/internal/clusters/${id}/comparison`, ClusterComparison);
  const of = brake ? ` of the ${brake.of} in the cluster` : "";
  return { question: `Remove ${remove} boxes${of}, with what they remember, for good?`, word: String(remove) };
}

async function untilCompared(
  terminal: Terminal,
  operator: OperatorClient,
  asked: ClusterComparison,
  timeout: number,
): Promise<ClusterComparison> {
  const until = performance.now() + timeout * 1_000;
  const path = `/internal/clusters/${asked.cluster_id}/comparison`;
  for (let now = asked; ; now = await operator.get(path, ClusterComparison)) {
    if (now.compared_at && Date.parse(now.compared_at) >= Date.parse(asked.asked_at ?? "")) return now;
    if (performance.now() > until) {
      throw new CommandError(
        EXIT.failed,
        `No agent has compared ${asked.cluster_id} within ${timeout} s. The request stands.`,
      );
    }
    await sleep(LOOK_EVERY_MS, terminal.interrupt);
  }
}

/** Pure: what the last comparison found. */
export function comparisonText({ cluster_id, compared_at, found, brake }: ClusterComparison, now = Date.now()): string {
  if (!found) return `${cluster_id} was not compared yet.`;
  return details([
    ["cluster", cluster_id],
    ["compared", `${age(compared_at, now)} ago, in ${found.seconds.toFixed(1)} s`],
    ["boxes", String(found.boxes)],
    ["missing", String(found.missing)],
    ["changed", `${found.differing} in the cluster; a job repairs each of them`],
    ["outdated", `${found.outdated} written by another version of the agent, or under other settings`],
    ["strays", `${found.strays} not expected here, ${found.unknown} of them unknown`],
    ["held back", brake && brakeWords(cluster_id, brake.boxes.length)],
  ]);
}

export const brakeWords = (clusterId: string, boxes: number): string =>
  `${boxes} deletions; see docs/runbooks/mass-delete-brake.md before \`fleet-agent fleet reconcile ${clusterId} --remove ${boxes}\``;

function positive(text: string): number {
  const count = wholeNumber(text);
  if (count === 0) throw new InvalidArgumentError("must be at least 1");
  return count;
}

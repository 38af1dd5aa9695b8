import type { Command } from "commander";
import { ClusterComparison } from "#schema/contracts/clusters.ts";
import { Fleet, type FleetCluster } from "#schema/contracts/fleet-status.ts";
import { Pool, type PoolTier } from "#schema/contracts/pool.ts";
import { BOX_STATUSES, type BoxStatus } from "#schema/domain/states.ts";
import { type ModelAnswers, modelAnswers } from "../../operator/model-answers.ts";
import type { OperatorClient } from "../../operator/operator-client.ts";
import { moreUnwell, type UnwellBoxes, unwellBoxes, unwellText } from "../../operator/unwell-boxes.ts";
import { age } from "../age.ts";
import { answer, type JsonOptions, jsonOption, openOperator } from "../operator.ts";
import { type Column, printable, table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { brakeWords } from "./reconcile.ts";
import { warnings } from "./warnings.ts";

export function addStatusCommand(fleet: Command, terminal: Terminal): void {
  fleet
    .command("status")
    .description("Show every cluster: its agents, boxes, waiting jobs, unwell boxes, and warnings")
    .addOption(jsonOption())
    .action(async (options: JsonOptions) => {
      const operator = openOperator(terminal);
      const { clusters, model_outages } = await operator.get("/internal/fleet", Fleet);
      const [whole, models] = await Promise.all([
        Promise.all(clusters.map((cluster) => withDetails(operator, cluster))),
        modelAnswers(operator, model_outages),
      ]);
      answer(terminal, options, whole, () => statusText(whole, Date.now(), models));
    });
}

/** A cluster with its last comparison, its warm pool and its unwell boxes. */
interface WholeCluster extends FleetCluster {
  comparison?: ClusterComparison;
  pool?: Pool;
  unwell?: UnwellBoxes;
}

async function withDetails(operator: OperatorClient, cluster: FleetCluster): Promise<WholeCluster> {
  const path = `/internal/clusters/${cluster.id}`;
  const [comparison, pool, unwell] = await Promise.all([
    operator.get(`${path}/comparison`, ClusterComparison),
    operator.get(`${path}/pool`, Pool),
    unwellBoxes(operator, cluster.id),
  ]);
  return { ...cluster, comparison, pool, unwell };
}

/** Pure: what `fleet status` prints. */
export function statusText(clusters: readonly WholeCluster[], now = Date.now(), models?: ModelAnswers): string {
  if (clusters.length === 0) return "There is no cluster yet: docs/06-kubernetes.md describes how to add one.";
  const ofClusters = clusters.flatMap((cluster) => allWarnings(cluster, now).map((one) => `${cluster.id}: ${one}`));
  const isIll = models?.state === "warn" || models?.state === "fail";
  const told = isIll ? [...ofClusters, `models: ${printable(models.words)}`] : ofClusters;
  const all = told.length > 0 ? told : ["Everything is as it should be."];
  return [table(columns(now), clusters), boxesText(clusters), ...poolText(clusters), ...all].join("\n");
}

function allWarnings(cluster: WholeCluster, now: number): string[] {
  const brake = cluster.comparison?.brake;
  const held = brake ? [brakeWords(cluster.id, brake.boxes.length)] : [];
  return [...warnings(cluster, now), ...held, ...unwellWarnings(cluster, now)];
}

function unwellWarnings({ id, unwell }: WholeCluster, now: number): string[] {
  if (!unwell || unwell.boxes.length === 0) return [];
  const told = unwell.boxes.map((box) => printable(unwellText(box, now)));
  return [...told, ...(unwell.more ? [moreUnwell(id)] : []), "docs/runbooks/unhealthy-box.md has the remedies."];
}

/** `warm pool of hel1: starter 3 of 4 ready, 97 % hits` where there is one. */
const poolText = (clusters: readonly WholeCluster[]): string[] =>
  clusters.flatMap(({ id, pool }) => {
    const kept = pool?.tiers.filter(({ size, boxes }) => size > 0 || boxes.length > 0) ?? [];
    return kept.length > 0 ? [`warm pool of ${id}: ${kept.map(tierText).join("; ")}`] : [];
  });

function tierText({ tier, ready, size, failed, hit_rate }: PoolTier): string {
  const hits = hit_rate === null ? "" : `, ${Math.round(hit_rate * 100)} % hits`;
  return `${tier} ${ready} of ${size} ready${failed > 0 ? `, ${failed} failed` : ""}${hits}`;
}

const columns = (now: number): readonly Column<FleetCluster>[] => [
  { title: "CLUSTER", value: ({ id }) => id },
  { title: "AGENTS", value: ({ agents }) => (agents ? String(agents.length) : "?") },
  { title: "SEEN", value: ({ last_seen_at }) => age(last_seen_at, now) },
  { title: "BOXES", value: ({ boxes }) => String(living(boxes)) },
  { title: "QUEUED", value: ({ jobs }) => String(jobs.queued) },
  { title: "OLDEST", value: ({ jobs }) => age(jobs.oldest_queued_at, now) },
  { title: "RUNNING", value: ({ jobs }) => String(jobs.running) },
  { title: "NEW BOXES", value: ({ accepts_boxes }) => (accepts_boxes ? "yes" : "no") },
  { title: "JOBS", value: ({ paused_since }) => (paused_since ? `wait (${age(paused_since, now)})` : "handed out") },
];

const living = (boxes: FleetCluster["boxes"]): number =>
  BOX_STATUSES.reduce((sum, status) => sum + (status === "destroyed" ? 0 : boxes[status]), 0);

/** `boxes: 10 active, 1 failed` over all clusters. */
function boxesText(clusters: readonly FleetCluster[]): string {
  const count = (status: BoxStatus) => clusters.reduce((sum, { boxes }) => sum + boxes[status], 0);
  const counts = BOX_STATUSES.filter((status) => status !== "destroyed" && count(status) > 0);
  return counts.length > 0
    ? `boxes: ${counts.map((status) => `${count(status)} ${status}`).join(", ")}`
    : "boxes: none";
}

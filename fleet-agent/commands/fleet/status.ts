import type { Command } from "commander";
import { Fleet, type FleetCluster } from "#schema/contracts/fleet-status.ts";
import { BOX_STATUSES, type BoxStatus } from "#schema/domain/states.ts";
import { age } from "../age.ts";
import { answer, type JsonOptions, jsonOption, openOperator } from "../operator.ts";
import { type Column, table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { worries } from "./worries.ts";

export function addStatusCommand(fleet: Command, terminal: Terminal): void {
  fleet
    .command("status")
    .description("Every cluster: its agents, its boxes, what waits, and what is not as it should be")
    .addOption(jsonOption())
    .action(async (options: JsonOptions) => {
      const { clusters } = await openOperator(terminal).get("/internal/fleet", Fleet);
      answer(terminal, options, clusters, () => statusText(clusters));
    });
}

/** Pure: what `fleet status` prints. */
export function statusText(clusters: readonly FleetCluster[], now = Date.now()): string {
  if (clusters.length === 0) return "There is no cluster yet: docs/06-kubernetes.md says how one comes to be.";
  const told = clusters.flatMap((cluster) => worries(cluster, now).map((worry) => `${cluster.id}: ${worry}`));
  const all = told.length > 0 ? told : ["Everything is as it should be."];
  return [table(columns(now), clusters), boxesText(clusters), ...all].join("\n");
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

import type { FleetCluster } from "#schema/contracts/fleet-status.ts";
import { age } from "../age.ts";

/** An agent reports every 15 s. */
export const SILENT_MS = 60_000;
/** Even without QStash a job is offered within a minute. */
const WAITING_MS = 120_000;

/** What is not as it should be in a cluster, each in a sentence that names what to do. */
export function warnings(cluster: FleetCluster, now: number): string[] {
  const { agents, jobs, boxes, paused_since, accepts_boxes, last_seen_at, id } = cluster;
  const since = (time: string | null) => (time === null ? Number.POSITIVE_INFINITY : now - Date.parse(time));
  const found: string[] = [];
  if (agents === null) found.push("its mailbox does not answer; see the edge's log.");
  if (agents?.length === 0) {
    found.push(`no fleet-agent is connected (last seen: ${age(last_seen_at, now)}); see docs/runbooks/agent-down.md.`);
  } else if (since(last_seen_at) > SILENT_MS) {
    found.push(
      `its agents have stopped reporting on their boxes (last: ${age(last_seen_at, now)}); see docs/runbooks/agent-down.md.`,
    );
  }
  if (paused_since) found.push(`drained since ${paused_since}; \`fleet-agent fleet drain ${id} --undo\` ends that.`);
  else if (!accepts_boxes) found.push(`takes no new boxes; \`fleet-agent fleet drain ${id} --undo\` ends that.`);
  if (!paused_since && jobs.oldest_queued_at && since(jobs.oldest_queued_at) > WAITING_MS) {
    found.push(`a job has been waiting for ${age(jobs.oldest_queued_at, now)}; see docs/runbooks/stuck-job.md.`);
  }
  if (boxes.failed > 0)
    found.push(`${boxes.failed} failed; \`fleet-agent boxes list --cluster ${id} --status failed\`.`);
  return found;
}

/** A box's state in a rollout, from the rows of its jobs. Pure. */
import type { BoxStatus, DesiredStatus } from "#schema/domain/states.ts";
import type { BoxState, Move } from "./plan.ts";

/** A row of the query in load.ts. */
export interface BoxRow {
  id: string;
  status: BoxStatus;
  desired_status: DesiredStatus;
  health: string;
  status_reason: string | null;
  first: boolean;
  older: boolean;
  on_new: boolean;
  /** Open ones. */
  jobs: number;
  /** Attempts of the open job that has the most. */
  failed_attempts: number;
  error_code: string | null;
  error_message: string | null;
  /** The next five are null if this rollout has not moved it. */
  wave: number | null;
  was_well: boolean | null;
  restored: boolean;
  /** The fleet has applied the newest move. */
  reached: boolean | null;
  /** It is unhealthy, but was not half a minute ago; null if it is healthy. */
  passing: boolean | null;
  /** It was restarted for its health since. */
  restarted: boolean | null;
}

const BEING_MADE: ReadonlySet<BoxStatus> = new Set(["pending", "provisioning"]);

/** Failures caused by the image, which count at once. Others may be temporary. */
const TELLING: ReadonlySet<string> = new Set([
  "image",
  "image_unusable",
  "crash_loop",
  "config_refused",
  "out_of_memory",
  "state_damaged",
  "state_newer",
  "timeout",
  "forbidden",
]);
const FAILED_ATTEMPTS = 2;

export function toBoxState(row: BoxRow): BoxState {
  const made = !BEING_MADE.has(row.status);
  return {
    id: row.id,
    first: row.first,
    runs: row.desired_status === "active" && made && (row.status !== "failed" || row.wave !== null),
    // While another job runs, the move waits for it.
    movable: made && row.jobs === 0,
    older: row.older,
    onNew: row.on_new,
    well: row.health !== "unhealthy" && row.status !== "failed" && !row.restarted,
    passing: row.passing === true && row.status !== "failed" && !row.restarted,
    reason: row.error_message ?? row.status_reason,
    move: row.wave === null ? undefined : moveOf(row, row.wave),
  };
}

function moveOf(row: BoxRow, wave: number): Move {
  return { wave, wasWell: row.was_well ?? false, restored: row.restored, state: stateOf(row) };
}

function stateOf(row: BoxRow): Move["state"] {
  if (row.reached) return "settled";
  return row.jobs === 0 || isFailing(row) ? "failed" : "moving";
}

/** It will be retried, and will fail again. */
function isFailing({ failed_attempts, error_code }: BoxRow): boolean {
  if (error_code === null || failed_attempts === 0) return false;
  return TELLING.has(error_code) || (failed_attempts >= FAILED_ATTEMPTS && !ELSEWHERE.has(error_code));
}

/** The agent failed, not the box. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  "lease_expired",
  "agent_restarted",
  "agent_stopped",
  "telegram_unreachable",
  "bot_polled_elsewhere",
  "edge_unreachable",
]);

/** What a rollout needs to know of a box, from the rows of its work. Pure. */
import type { BoxStatus, DesiredStatus } from "#schema/domain/states.ts";
import type { BoxState, Move } from "./plan.ts";

/** As the query in load.ts gives it. */
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
  /** Of the open job that was tried most often. */
  failed_attempts: number;
  error_code: string | null;
  error_message: string | null;
  /** The next five are null where this rollout has not touched it. */
  wave: number | null;
  was_well: boolean | null;
  restored: boolean;
  /** The fleet has applied what the newest move asks for. */
  reached: boolean | null;
  /** It is unhealthy, and was not half a minute ago; null where it is not. */
  passing: boolean | null;
  /** It was restarted since, because it did not get well by itself. */
  restarted: boolean | null;
}

const BEING_MADE: ReadonlySet<BoxStatus> = new Set(["pending", "provisioning"]);

/** What an image is to blame for; such a failure need not come twice. Others may pass. */
const TELLING: ReadonlySet<string> = new Set(["image", "crash_loop", "timeout", "forbidden"]);
const FAILED_ATTEMPTS = 2;

export function toBoxState(row: BoxRow): BoxState {
  const made = !BEING_MADE.has(row.status);
  return {
    id: row.id,
    first: row.first,
    runs: row.desired_status === "active" && made && (row.status !== "failed" || row.wave !== null),
    // Where somebody else's work is under way, the move waits for it.
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

/** It will be tried again, and it will fail again. */
function isFailing({ failed_attempts, error_code }: BoxRow): boolean {
  if (error_code === null || failed_attempts === 0) return false;
  return TELLING.has(error_code) || (failed_attempts >= FAILED_ATTEMPTS && !ELSEWHERE.has(error_code));
}

/** The agent was at fault, not what it worked on. */
const ELSEWHERE: ReadonlySet<string> = new Set(["lease_expired", "agent_restarted"]);

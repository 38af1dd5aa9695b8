/** A box's status while a job of it runs, and after the job. */
import { leavesBoxAsIs } from "#schema/domain/jobs.ts";
import {
  BOX_TRANSITIONS,
  type BoxStatus,
  canMove,
  type JobType,
  STATUS_WHEN,
  STATUS_WHILE,
} from "#schema/domain/states.ts";
import type { BoxState } from "./owned-box.ts";

/** The newest desired state decides, not the job's type; the current status if no edge leads there. */
export function statusWhile(box: BoxState, type: JobType): BoxStatus {
  return moved(box.status, statusToward(box, type));
}

/** The status once the box matches its desired state. */
export function statusWhen(box: BoxState): BoxStatus {
  return moved(box.status, STATUS_WHEN[box.desiredStatus]);
}

const moved = (from: BoxStatus, to: BoxStatus): BoxStatus => (canMove(BOX_TRANSITIONS, from, to) ? to : from);

function statusToward({ status, desiredStatus }: BoxState, type: JobType): BoxStatus {
  if (leavesBoxAsIs(type)) return status;
  if (desiredStatus === "destroyed") return "destroying";
  if (desiredStatus === "suspended") return "suspending";
  if (status === "pending") return "provisioning";
  if (status === "suspending" || status === "suspended") return "reactivating";
  if (status === "active") return "updating";
  if (status === "failed") return type === "suspend" || type === "destroy" ? "updating" : STATUS_WHILE[type];
  return status;
}

/** Which changes of a box are possible now, with messages for the caller. */
import type { BoxStatus } from "#schema/domain/states.ts";
import type { BoxState } from "./owned-box.ts";

export type Change =
  | "suspend"
  | "reactivate"
  | "restart"
  | "resize"
  | "update"
  | "rotate_token"
  | "restore"
  | "destroy";

const DOING: Readonly<Record<BoxStatus, string>> = {
  pending: "is waiting to be provisioned",
  provisioning: "is being provisioned",
  active: "is active",
  updating: "is being updated",
  suspending: "is being suspended",
  suspended: "is suspended",
  reactivating: "is being reactivated",
  destroying: "is being destroyed",
  destroyed: "is destroyed",
  failed: "has failed",
};

/** What the box is doing, including a change whose job has not begun yet. */
export function doing({ status, desiredStatus }: BoxState): string {
  if (desiredStatus === "destroyed" && status !== "destroyed") return DOING.destroying;
  if (desiredStatus === "suspended" && status === "active") return "is waiting to be suspended";
  if (desiredStatus === "active" && status === "suspended") return "is waiting to be reactivated";
  return DOING[status];
}

/** Why the change is refused; undefined if it is possible. */
export function refusal(change: Change, box: BoxState): string | undefined {
  const why = reason(change, box);
  return why === undefined ? undefined : `This box ${doing(box)}: ${why}`;
}

function reason(change: Change, { status, desiredStatus }: BoxState): string | undefined {
  if (desiredStatus === "destroyed") return "nothing more can be done with it";
  switch (change) {
    case "suspend":
      if (desiredStatus === "suspended") return "it need not be suspended again";
      return status === "pending" ? "suspend it once it runs, or destroy it" : undefined;
    case "reactivate":
      return desiredStatus === "active" ? "only a suspended box can be reactivated" : undefined;
    case "restart":
      if (desiredStatus === "suspended") return "reactivate it instead";
      return status === "pending" ? "there is nothing to restart yet" : undefined;
    case "restore":
      if (desiredStatus === "suspended") return "reactivate it first, then restore";
      return status === "pending" || status === "provisioning" ? "restore once it runs" : undefined;
    case "resize":
    case "update":
    case "rotate_token":
    case "destroy":
      return undefined;
    default:
      return change satisfies never;
  }
}

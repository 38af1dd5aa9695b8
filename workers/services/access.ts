/** Who may call a verb: the first line of each verb that writes. A test in `tests/house` finds one without. */
import { AppError } from "#schema/domain/errors.ts";
import type { OperatorScope } from "#schema/domain/operator-scopes.ts";
import type { Ctx } from "../context.ts";
import type { Vendor } from "../contracts/actor.ts";

/** An operator whose key has the scope, or our own sweeps. Throws `forbidden`. */
export function requireScope({ actor }: Ctx, scope: OperatorScope): void {
  if (actor.kind === "system") return;
  if (actor.kind === "operator" && actor.scopes.includes(scope)) return;
  throw new AppError("forbidden", `This key lacks the scope ${scope}`);
}

/** Our own sweeps, alarms and objects. Throws `forbidden`. */
export function requireSystem({ actor }: Ctx): void {
  if (actor.kind !== "system") throw new AppError("forbidden", "Only the edge itself may do this");
}

/** A vendor whose signature was checked. Throws `forbidden`. */
export function requireWebhook({ actor }: Ctx, vendor: Vendor): void {
  if (actor.kind !== "webhook" || actor.vendor !== vendor) {
    throw new AppError("forbidden", "Only a call signed by the vendor may do this");
  }
}

/** The fleet-agent's own cluster. Throws `forbidden` for any other actor. */
export function ownCluster({ actor }: Ctx): { clusterId: string; kid: string } {
  if (actor.kind !== "agent") throw new AppError("forbidden", "Only a fleet-agent may do this");
  return actor;
}

/** The box that this call's token is for. Throws `forbidden` for any other actor. */
export function ownBox({ actor }: Ctx): { boxId: string } {
  if (actor.kind !== "box") throw new AppError("forbidden", "Only a box's own program may do this");
  return actor;
}

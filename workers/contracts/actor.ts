/** Who acts. Every change is made, and recorded in the audit log, in the name of one of these. */
import type { OperatorScope } from "#schema/domain/operator-scopes.ts";

/** The vendors whose signed hooks are accepted. */
export type Vendor = "qstash" | "stripe" | "telegram" | "nango";

export type Actor =
  /** Our own sweeps, alarms and objects. */
  | { kind: "system" }
  /** Not authenticated yet. */
  | { kind: "anonymous" }
  | { kind: "operator"; name: string; scopes: readonly OperatorScope[] }
  | { kind: "customer"; customerId: string }
  /** The pod of a box, by a token that is valid for this box alone. */
  | { kind: "box"; boxId: string }
  /** A cluster's fleet-agent, by the key `kid`. */
  | { kind: "agent"; clusterId: string; kid: string }
  /** A person who is signing up, by their Telegram user id. */
  | { kind: "onboarding"; telegramUserId: number }
  | { kind: "webhook"; vendor: Vendor };

/** An actor's name in the audit log and in `requested_by`. */
export function actorName(actor: Actor): string {
  switch (actor.kind) {
    case "operator":
      return `operator:${actor.name}`;
    case "customer":
      return `customer:${actor.customerId}`;
    case "box":
      return `box:${actor.boxId}`;
    case "agent":
      return `agent:${actor.clusterId}`;
    case "onboarding":
      return `telegram:${actor.telegramUserId}`;
    case "webhook":
      return `webhook:${actor.vendor}`;
    case "system":
    case "anonymous":
      return actor.kind;
    default:
      return actor satisfies never;
  }
}
